"""Causal language models in the Hugging Face layout, loaded by transformers and PEFT."""

import copy
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel
from transformers import AutoModelForCausalLM, PreTrainedModel
from transformers.utils import logging

from ..compute import Compute, free_memory
from ..errors import ModelError
from ..safe_files import read_json_file
from ..tokenizer import load_tokenizer
from .adapter_files import check_adapter
from .full_files import CONFIG_FILE, load_full_weights
from .model_family import ModelFamily, SubmissionFolder
from .restored_layers import restored
from .text_config import context_length, read_config, special_tokens, vocabulary_size
from .text_model import TextBaseFacts, TextModel
from .weight_files import read_shapes, weight_files

logging.disable_progress_bar()

_ADAPTER = "submission"


class TextFamily:
    """Whatever `AutoModelForCausalLM` knows without code of the model's own."""

    def load_base(self, folder: Path, compute: Compute) -> TextModel:
        """Loads the base with its tokenizer; raises ModelError where it can't be."""
        config = read_config(read_json_file(folder, CONFIG_FILE))
        tokenizer = load_tokenizer(folder)
        facts = TextBaseFacts(
            config=config,
            shapes=read_shapes(weight_files(folder)),
            tokenizer=tokenizer,
            special=special_tokens(config, tokenizer.adds_start),
            vocabulary=vocabulary_size(config),
            compute=compute,
        )
        try:
            loaded: Any = AutoModelForCausalLM.from_pretrained(
                folder,
                local_files_only=True,
                trust_remote_code=False,
                use_safetensors=True,
                dtype=compute.dtype,
                output_loading_info=True,
            )
        except torch.OutOfMemoryError:
            raise
        except (OSError, ValueError, KeyError, AttributeError, TypeError, RuntimeError) as error:
            raise ModelError("MALFORMED_MODEL", f"transformers can't load it: {error}") from error
        return TextModel(_ready(_complete(loaded), compute), facts, is_base=True)

    def context_length(self, base: TextModel) -> int:
        """The base's max_position_embeddings."""
        return context_length(base.facts.config)

    @contextmanager
    def submission(self, base: TextModel, folder: SubmissionFolder) -> Iterator[TextModel]:
        """An adapter in the base's module, or a module of its own."""
        if folder.artifact_kind == "LORA":
            with self._adapter(base, folder) as model:
                yield model
        else:
            with self._full(base, folder.path) as model:
                yield model

    @contextmanager
    def _adapter(self, base: TextModel, folder: SubmissionFolder) -> Iterator[TextModel]:
        is_target = linear_layers(base.module).__contains__
        facts = check_adapter(folder.path, base.facts.shapes, folder.base_names, is_target)
        # PEFT gets a config of ours: options in the submitted one could change the base's weights or the arithmetic.
        config = LoraConfig(
            task_type="CAUSAL_LM",
            r=facts.rank,
            lora_alpha=facts.alpha,  # type: ignore[arg-type]  # PEFT divides it by r, so any number will do
            target_modules=list(facts.modules),
            inference_mode=True,
        )
        try:
            with restored(base.module, facts.modules):
                adapted = PeftModel.from_pretrained(base.module, folder.path, adapter_name=_ADAPTER, config=config)
                adapted.eval()
                base.injected = adapted
                yield TextModel(base.module, base.facts, is_base=False)
        finally:
            base.injected = None
            free_memory(base.facts.compute.device)

    @contextmanager
    def _full(self, base: TextModel, folder: Path) -> Iterator[TextModel]:
        facts = base.facts
        weights = load_full_weights(folder, base.module.config.to_dict(), facts.shapes)
        # Not from the folder: an adapter_config.json in it would lead transformers to other files.
        loaded: Any = type(base.module).from_pretrained(
            None,
            config=copy.deepcopy(base.module.config),
            state_dict=weights,
            dtype=facts.compute.dtype,
            output_loading_info=True,
        )
        del weights
        model = TextModel(_ready(_complete(loaded), facts.compute), facts, is_base=False)
        del loaded
        try:
            yield model
        finally:
            del model
            free_memory(facts.compute.device)


def linear_layers(module: PreTrainedModel) -> frozenset[str]:
    """Names of the layers that an adapter may change: all linear ones but the output layer, which may be tied."""
    head = module.get_output_embeddings()
    layers = module.named_modules()
    return frozenset(name for name, layer in layers if isinstance(layer, torch.nn.Linear) and layer is not head)


def _complete(loaded: tuple[PreTrainedModel, Mapping[str, Collection[object]]]) -> PreTrainedModel:
    """Makes sure that transformers has made nothing up: it fills weights that are missing with random numbers."""
    module, found = loaded
    for missing in (*found["missing_keys"], *found["mismatched_keys"]):
        raise ModelError("WRONG_ARCHITECTURE", f"Tensor {missing} is missing or has another shape.")
    return module


def _ready(module: PreTrainedModel, compute: Compute) -> PreTrainedModel:
    module.requires_grad_(False)
    module.eval()
    moved: PreTrainedModel = module.to(compute.device)  # type: ignore[arg-type]
    return moved


text_family: ModelFamily[TextModel] = TextFamily()
