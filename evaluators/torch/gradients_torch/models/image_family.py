"""Text-to-image models: the demo's in one folder with config.json, others as pipelines with model_index.json."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from peft import LoraConfig, PeftModel
from torch import nn

from ..compute import Compute, free_memory
from ..diffusion.painter import Painter, PictureModel
from ..safe_files import has_file
from .adapter_files import check_adapter
from .image_base import ImageBase
from .model_family import ModelFamily, SubmissionFolder
from .restored_layers import restored

_ADAPTER = "submission"
PIPELINE_FILE = "model_index.json"


class ImageFamily:
    """A base is a painter and a module; submissions change the module alone."""

    def load_base(self, folder: Path, compute: Compute) -> ImageBase:
        """Loads the base; raises ModelError where it can't be."""
        if has_file(folder, PIPELINE_FILE):
            from .pipeline_base import load_pipeline_base

            return load_pipeline_base(folder, compute)
        from .tiny_dit_base import load_tiny_dit_base

        return load_tiny_dit_base(folder, compute)

    def context_length(self, base: ImageBase) -> int:
        """What the module attends to at once, for the largest picture."""
        return base.context_length

    @contextmanager
    def submission(self, base: ImageBase, folder: SubmissionFolder) -> Iterator[PictureModel[Any]]:
        """An adapter in the base's module, or a module of its own."""
        opened = _adapted(base, folder) if folder.artifact_kind == "LORA" else _whole(base, folder.path)
        with opened as module:
            painter: Painter[Any] = base.painter
            yield PictureModel(module, painter, is_base=False)
        free_memory(base.compute.device)


@contextmanager
def _adapted(base: ImageBase, folder: SubmissionFolder) -> Iterator[nn.Module]:
    facts = check_adapter(folder.path, base.shapes, folder.base_names, base.is_target)
    # PEFT gets a config of ours: options in the submitted one could change the base's weights or the arithmetic.
    config = LoraConfig(
        r=facts.rank,
        lora_alpha=facts.alpha,  # type: ignore[arg-type]  # PEFT divides it by r, so any number will do
        target_modules=list(facts.modules),
        inference_mode=True,
    )
    with restored(base.module, facts.modules):
        # PEFT puts the adapter's layers into the base's own module; the wrapper around it has nothing to add.
        PeftModel.from_pretrained(base.module, folder.path, adapter_name=_ADAPTER, config=config).eval()
        yield base.module


@contextmanager
def _whole(base: ImageBase, folder: Path) -> Iterator[nn.Module]:
    module = base.load_whole(folder)
    yield module.requires_grad_(False).eval().to(device=base.compute.device, dtype=base.compute.dtype)


image_family: ModelFamily[Any] = ImageFamily()
