"""The demo's base model, and adapters for it, for tests."""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file

from gradients_torch.compute import choose_compute
from gradients_torch.models.model_family import SubmissionFolder
from gradients_torch.models.text_family import text_family
from gradients_torch.models.text_model import TextModel
from gradients_torch.settings import parse_settings

DEMO_BASE = Path(__file__).resolve().parents[3] / "models" / "gradients-demo" / "tiny-llama"


def load_demo_base() -> TextModel:
    """The base on the CPU in single precision."""
    compute = choose_compute(parse_settings(["--device", "cpu", "--precision", "float32"]))
    return text_family.load_base(DEMO_BASE, compute)


def write_adapter(base: TextModel, folder: Path, modules: tuple[str, ...], rank: int) -> SubmissionFolder:
    """A random adapter on some of the base's layers."""
    torch.manual_seed(rank)
    tensors: dict[str, torch.Tensor] = {}
    for name, shape in base.facts.shapes.items():
        module = name.removesuffix(".weight")
        if module.rpartition(".")[2] in modules:
            tensors[f"base_model.model.{module}.lora_A.weight"] = torch.randn(rank, shape[1])
            tensors[f"base_model.model.{module}.lora_B.weight"] = torch.randn(shape[0], rank)
    folder.mkdir()
    save_file(tensors, folder / "adapter_model.safetensors")
    config = {"peft_type": "LORA", "r": rank, "lora_alpha": 4, "base_model_name_or_path": "demo"}
    (folder / "adapter_config.json").write_text(json.dumps(config))
    return SubmissionFolder(folder, "LORA", None)
