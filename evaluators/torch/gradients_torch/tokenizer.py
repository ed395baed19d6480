"""The base's tokenizer: tokenizer.json as it is, so that every evaluator cuts texts alike."""

from collections.abc import Sequence
from pathlib import Path

import tokenizers

from .errors import ModelError
from .fields import expect_flag, expect_object
from .safe_files import model_file, read_json_file

TOKENIZER_FILE = "tokenizer.json"
CONFIG_FILE = "tokenizer_config.json"


class Tokenizer:
    """Texts to token ids and back, without special tokens."""

    def __init__(self, library: tokenizers.Tokenizer, adds_start: bool) -> None:
        self._library = library
        #: Whether tokenizer_config.json wants a BOS token in front of a text.
        self.adds_start = adds_start

    def encode(self, text: str) -> list[int]:
        """Token ids of one text. Halves of surrogate pairs, which JSON can hold, become U+FFFD."""
        well_formed = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        ids: list[int] = self._library.encode(well_formed, add_special_tokens=False).ids
        return ids

    def decode(self, ids: Sequence[int]) -> str:
        """The text without special tokens, every space as it was."""
        text: str = self._library.decode(list(ids), skip_special_tokens=True)
        return text


def load_tokenizer(folder: Path) -> Tokenizer:
    """The tokenizer of a base; raises MALFORMED_MODEL where it can't be read."""
    path = model_file(folder, TOKENIZER_FILE)
    try:
        config = expect_object(read_json_file(folder, CONFIG_FILE), CONFIG_FILE)
        adds_start = expect_flag(config.get("add_bos_token", False), "add_bos_token")
        library = tokenizers.Tokenizer.from_file(str(path))
    except ModelError:
        raise
    except Exception as error:
        raise ModelError("MALFORMED_MODEL", f"The tokenizer can't be read: {error}") from error
    library.no_truncation()
    library.no_padding()
    return Tokenizer(library, adds_start)
