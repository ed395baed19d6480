"""A causal language model as it runs: the base, the base with an adapter, or a whole model."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from peft import PeftModel
from transformers import PreTrainedModel

from ..compute import Compute
from ..tokenizer import Tokenizer
from .text_config import Config, SpecialTokens
from .weight_files import Shapes


@dataclass(frozen=True)
class TextBaseFacts:
    """What all models of a session share with their base."""

    config: Config
    shapes: Shapes
    tokenizer: Tokenizer
    special: SpecialTokens
    vocabulary: int
    compute: Compute


@dataclass
class TextModel:
    """A model that gives probabilities to tokens."""

    module: PreTrainedModel
    facts: TextBaseFacts
    is_base: bool
    #: Of the base: the adapter whose layers stand in its module just now.
    injected: PeftModel | None = field(default=None)

    @property
    def switch_length(self) -> int | None:
        """The length above which a model with LongRoPE takes other frequencies, for all positions of a batch."""
        rope = getattr(self.module.config, "rope_parameters", None) or {}
        return rope["original_max_position_embeddings"] if rope.get("rope_type") == "longrope" else None

    @contextmanager
    def running(self) -> Iterator[PreTrainedModel]:
        """The module, for the time of the context computing this model and no other that shares its layers."""
        if self.is_base and self.injected is not None:
            with self.injected.disable_adapter():
                yield self.module
        else:
            yield self.module
