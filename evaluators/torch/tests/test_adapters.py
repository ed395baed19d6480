"""An adapter goes into the base's module and comes out of it again."""

import tempfile
import unittest
import unittest.mock
from pathlib import Path

import torch
from peft import PeftModel

from gradients_torch.models.text_family import text_family
from gradients_torch.models.text_model import TextModel

from .demo_base import load_demo_base, write_adapter

_IDS = torch.tensor([[1, 87, 743, 111, 375, 299, 35, 331]])


def _logits(model: TextModel) -> torch.Tensor:
    with torch.inference_mode(), model.running() as module:
        return module(input_ids=_IDS).logits


class AdaptersTest(unittest.TestCase):
    def setUp(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.addCleanup(self._folder.cleanup)
        self.base = load_demo_base()
        self.before = _logits(self.base)
        modules = dict(self.base.module.named_modules())
        self.modules = {name: id(module) for name, module in modules.items()}
        self.weights = {name: value.clone() for name, value in self.base.module.state_dict().items()}
        self.first = self._adapter("first", ("q_proj", "v_proj"), 2)
        self.second = self._adapter("second", ("down_proj", "v_proj", "o_proj"), 5)

    def _adapter(self, name: str, modules: tuple[str, ...], rank: int):
        return write_adapter(self.base, Path(self._folder.name) / name, modules, rank)

    def _assert_untouched(self) -> None:
        self.assertTrue(torch.equal(_logits(self.base), self.before))
        self.assertFalse(hasattr(self.base.module, "peft_config"))
        self.assertEqual({name: id(module) for name, module in self.base.module.named_modules()}, self.modules)
        after = self.base.module.state_dict()
        self.assertEqual(after.keys(), self.weights.keys())
        self.assertTrue(all(torch.equal(value, self.weights[name]) for name, value in after.items()))

    def test_the_base_has_the_same_bits_before_between_and_after_adapters(self) -> None:
        found = []
        for folder in (self.first, self.second, self.first):
            with text_family.submission(self.base, folder) as model:
                found.append(_logits(model))
            self._assert_untouched()
        self.assertFalse(torch.equal(found[0], self.before))
        self.assertFalse(torch.equal(found[0], found[1]))
        self.assertTrue(torch.equal(found[0], found[2]))

    def test_the_base_is_itself_while_an_adapter_is_in_its_module(self) -> None:
        with text_family.submission(self.base, self.first) as model:
            adapted = _logits(model)
            self.assertTrue(torch.equal(_logits(self.base), self.before))
            self.assertTrue(torch.equal(_logits(model), adapted))

    def test_nothing_is_left_of_an_adapter_whose_evaluation_failed(self) -> None:
        with self.assertRaisesRegex(RuntimeError, "no memory"), text_family.submission(self.base, self.first):
            raise RuntimeError("no memory")
        self._assert_untouched()

    def test_nothing_is_left_of_an_adapter_that_could_not_be_loaded(self) -> None:
        failing = unittest.mock.patch.object(PeftModel, "load_adapter", side_effect=RuntimeError("no memory"))
        with failing, self.assertRaisesRegex(RuntimeError, "no memory"):
            with text_family.submission(self.base, self.first):
                self.fail("it was loaded")
        self._assert_untouched()
        with text_family.submission(self.base, self.second) as model:
            self.assertFalse(torch.equal(_logits(model), self.before))
        self._assert_untouched()


if __name__ == "__main__":
    unittest.main()
