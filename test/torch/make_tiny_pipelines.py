"""Writes an SDXL and a Flux pipeline of a few thousand random weights each, with adapters and whole models for them.

    python make_tiny_pipelines.py <folder>

makes <folder>/{sdxl,flux}/{base,lora,zero,other,full}: `zero` is an adapter that changes nothing, `full` the base's own
denoising module with one tensor changed.
"""

import json
import sys
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    FluxPipeline,
    FluxTransformer2DModel,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from safetensors.torch import save_file
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    T5Config,
    T5EncoderModel,
    T5TokenizerFast,
)

WORDS = ["face", "hand", "cat", "with", "a", "smiling", "red"]


def clip_tokenizer() -> CLIPTokenizer:
    letters = [chr(code) for code in range(ord("a"), ord("z") + 1)]
    symbols = [*letters, *(f"{letter}</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
    return CLIPTokenizer(vocab={symbol: i for i, symbol in enumerate(symbols)}, merges=[], model_max_length=77)


def clip_config(projection: int) -> CLIPTextConfig:
    return CLIPTextConfig(
        bos_token_id=52,
        eos_token_id=53,
        pad_token_id=53,
        hidden_size=16,
        projection_dim=projection,
        intermediate_size=24,
        num_attention_heads=2,
        num_hidden_layers=2,
        vocab_size=54,
        hidden_act="gelu",
    )


def autoencoder(channels: int, size: int, **settings: float) -> AutoencoderKL:
    return AutoencoderKL(
        block_out_channels=(8, 8),
        in_channels=3,
        out_channels=3,
        down_block_types=("DownEncoderBlock2D", "DownEncoderBlock2D"),
        up_block_types=("UpDecoderBlock2D", "UpDecoderBlock2D"),
        latent_channels=channels,
        norm_num_groups=4,
        sample_size=size,
        **settings,
    )


def make_sdxl() -> StableDiffusionXLPipeline:
    unet = UNet2DConditionModel(
        block_out_channels=(8, 16),
        layers_per_block=1,
        sample_size=16,
        in_channels=4,
        out_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        attention_head_dim=(2, 4),
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        transformer_layers_per_block=(1, 1),
        projection_class_embeddings_input_dim=6 * 8 + 16,
        cross_attention_dim=32,
        norm_num_groups=4,
    )
    scheduler = EulerDiscreteScheduler(
        beta_start=0.00085, beta_end=0.012, steps_offset=1, beta_schedule="scaled_linear", timestep_spacing="leading"
    )
    return StableDiffusionXLPipeline(
        vae=autoencoder(4, 32, scaling_factor=0.13),
        text_encoder=CLIPTextModel(clip_config(16)),
        text_encoder_2=CLIPTextModelWithProjection(clip_config(16)),
        tokenizer=clip_tokenizer(),
        tokenizer_2=clip_tokenizer(),
        unet=unet,
        scheduler=scheduler,
    )


def t5_tokenizer() -> T5TokenizerFast:
    pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), *((f"▁{word}", -2.0) for word in WORDS)]
    return T5TokenizerFast(vocab=pieces, model_max_length=512, extra_ids=0)


def make_flux() -> FluxPipeline:
    transformer = FluxTransformer2DModel(
        patch_size=1,
        in_channels=16,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=32,
        pooled_projection_dim=16,
        axes_dims_rope=(4, 4, 8),
        guidance_embeds=True,
    )
    t5 = T5Config(vocab_size=16, d_model=32, d_kv=8, d_ff=37, num_layers=1, num_heads=4)
    return FluxPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        vae=autoencoder(4, 32, scaling_factor=0.36, shift_factor=0.12),
        text_encoder=CLIPTextModel(clip_config(16)),
        tokenizer=clip_tokenizer(),
        text_encoder_2=T5EncoderModel(t5),
        tokenizer_2=t5_tokenizer(),
        transformer=transformer,
    )


def write_adapter(folder: Path, module: torch.nn.Module, seed: int, size: float) -> None:
    """A random adapter of rank 2 for the attention's projections; it changes nothing where its size is 0."""
    folder.mkdir(parents=True)
    draw = torch.Generator().manual_seed(seed)
    tensors = {}
    for name, layer in module.named_modules():
        if isinstance(layer, torch.nn.Linear) and name.rpartition(".")[2] in ("to_q", "to_k", "to_v"):
            key = f"base_model.model.{name}"
            tensors[f"{key}.lora_A.weight"] = torch.randn(2, layer.in_features, generator=draw)
            tensors[f"{key}.lora_B.weight"] = size * torch.randn(layer.out_features, 2, generator=draw)
    save_file(tensors, folder / "adapter_model.safetensors")
    config = {"peft_type": "LORA", "r": 2, "lora_alpha": 4, "target_modules": ["to_q", "to_k", "to_v"]}
    names = {"base_model_name_or_path": "demo/base"}
    (folder / "adapter_config.json").write_text(json.dumps({**config, **names}))


def write_whole(folder: Path, module: torch.nn.Module) -> None:
    """The module's files as a submission has them, one tensor changed."""
    folder.mkdir(parents=True)
    weights = {name: tensor.clone().contiguous() for name, tensor in module.state_dict().items()}
    name = next(name for name, tensor in weights.items() if tensor.dim() == 2)
    weights[name] += 0.05
    save_file(weights, folder / "model.safetensors")
    module.save_config(folder)


def main() -> None:
    root = Path(sys.argv[1])
    torch.manual_seed(7)
    for name, pipeline in (("sdxl", make_sdxl()), ("flux", make_flux())):
        module = pipeline.unet if name == "sdxl" else pipeline.transformer
        # Fresh models end in layers of zeros, which would hide whatever lies before them.
        with torch.no_grad():
            for tensor in module.parameters():
                tensor.add_(0.02 * torch.randn(tensor.shape))
        pipeline.save_pretrained(root / name / "base", safe_serialization=True)
        write_adapter(root / name / "lora", module, 1, 0.5)
        write_adapter(root / name / "other", module, 2, 0.5)
        write_adapter(root / name / "zero", module, 3, 0.0)
        write_whole(root / name / "full", module)


main()
