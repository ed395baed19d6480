"""Families of language models that the demo has none of, tiny and with random weights."""

import copy
import random
import unittest

import torch
from transformers import AutoConfig, AutoModelForCausalLM

from gradients_torch.compute import Compute
from gradients_torch.errors import ModelError
from gradients_torch.models.text_config import SpecialTokens, check_same_architecture
from gradients_torch.models.text_family import linear_layers
from gradients_torch.models.text_model import TextBaseFacts, TextModel
from gradients_torch.objectives.policy_reward.prompts import Prompt
from gradients_torch.objectives.policy_reward.sampling import SamplingRules, draw_tokens, sample_groups
from gradients_torch.objectives.policy_reward.uniform import Uniform
from gradients_torch.rows import Example
from gradients_torch.token_losses import token_losses

_VOCABULARY = 50
_SIZES = {
    "vocab_size": _VOCABULARY,
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 4,
    "max_position_embeddings": 64,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
#: Grouped queries, biases, soft caps, sliding windows, frequencies by length, tied and untied output layers.
_FAMILIES = {
    "llama": {"tie_word_embeddings": False},
    "qwen2": {"tie_word_embeddings": True},
    "qwen3": {},
    "mistral": {"sliding_window": 8},
    "gemma2": {"sliding_window": 8, "final_logit_softcapping": 5.0, "query_pre_attn_scalar": 4},
    "phi3": {
        "original_max_position_embeddings": 12,
        "rope_parameters": {
            "rope_type": "longrope",
            "short_factor": [1.0, 1.5],
            "long_factor": [3.0, 9.0],
            "original_max_position_embeddings": 12,
        },
    },
}


def _model(family: str) -> TextModel:
    torch.manual_seed(1)
    config = AutoConfig.for_model(family, **_SIZES, **_FAMILIES[family])
    module = AutoModelForCausalLM.from_config(config, dtype=torch.float32).eval().requires_grad_(False)
    for parameter in module.parameters():
        parameter.mul_(3)
    facts = TextBaseFacts(
        config={},
        shapes={},
        tokenizer=None,  # type: ignore[arg-type]  # nothing here has a text
        special=SpecialTokens(1, 2),
        vocabulary=_VOCABULARY,
        compute=Compute(torch.device("cpu"), torch.float32, batch_tokens=128),
    )
    return TextModel(module, facts, is_base=True)


def _logits(model: TextModel, ids: list[int]) -> torch.Tensor:
    with torch.inference_mode():
        return model.module(input_ids=torch.tensor([ids]), use_cache=False).logits[0]


class ArchitecturesTest(unittest.TestCase):
    def test_losses_in_batches_are_those_of_rows_on_their_own(self) -> None:
        generator = random.Random(2)
        examples = []
        for length in (2, 7, 30, 12, 13, 7, 25, 3):
            ids = tuple(generator.randrange(3, _VOCABULARY) for _ in range(length))
            examples.append(Example(ids, (False, *(generator.random() < 0.6 for _ in ids[2:]), True)))
        for family in _FAMILIES:
            model = _model(family)
            found = token_losses(model, examples)
            for example, losses in zip(examples, found, strict=True):
                surprise = -_logits(model, list(example.ids)).double().log_softmax(-1)
                counted = [place for place, counts in enumerate(example.counts) if counts]
                expected = [surprise[place - 1, example.ids[place]].item() for place in counted]
                self.assertEqual(len(losses), len(expected))
                worst = max(abs(own - other) for own, other in zip(losses, expected, strict=True))
                self.assertLess(worst, 1e-5, family)

    def test_samples_with_kept_keys_are_those_of_whole_sequences(self) -> None:
        prompts = [Prompt(row, (1, 5 + row, 9, 30 - row), "", {}) for row in range(3)]
        rules = SamplingRules(count=2, max_new_tokens=12, context_length=64, temperature=1.0, end_token=2)
        uniform = Uniform("ab", "test")
        for family in _FAMILIES:
            model = _model(family)
            for prompt, group in zip(prompts, sample_groups(model, prompts, uniform, rules), strict=True):
                for completion, found in enumerate(group):
                    expected: list[int] = []
                    for u in uniform.numbers(prompt.row, completion, rules.max_new_tokens):
                        last = _logits(model, [*prompt.ids, *expected])[-1:]
                        expected += draw_tokens(last, torch.tensor([u]), 1.0).tolist()
                        if expected[-1] == rules.end_token:
                            break
                    self.assertEqual(found, expected, family)

    def test_adapters_may_change_every_linear_layer_but_the_output(self) -> None:
        own = {"phi3": ("self_attn.qkv_proj", "self_attn.o_proj", "mlp.gate_up_proj", "mlp.down_proj")}
        usual = [f"self_attn.{name}_proj" for name in "qkvo"] + [f"mlp.{name}_proj" for name in ("gate", "up", "down")]
        for family in _FAMILIES:
            names = own.get(family, usual)
            expected = {f"model.layers.{layer}.{name}" for layer in range(2) for name in names}
            self.assertEqual(linear_layers(_model(family).module), expected, family)

    def test_a_config_fits_its_base_whichever_version_of_transformers_wrote_it(self) -> None:
        for family, own in _FAMILIES.items():
            shape = {"architectures": [family], "model_type": family, **_SIZES, **own}
            linear = {"type": "linear", "factor": 2.0} if family != "phi3" else None
            older = {**shape, "rope_theta": 50_000, "rope_scaling": linear}
            newer = AutoConfig.for_model(**copy.deepcopy(older)).to_dict()
            check_same_architecture(older, newer)
            check_same_architecture(newer, newer)
            for other in ({"rope_theta": 10_000}, {"rope_scaling": {"type": "dynamic", "factor": 2.0}}):
                with self.assertRaises(ModelError, msg=family):
                    check_same_architecture({**older, **other}, newer)


if __name__ == "__main__":
    unittest.main()
