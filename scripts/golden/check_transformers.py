"""Loads the golden models with transformers and PEFT and compares their losses with expected.json.

    pip install torch transformers peft && python3 scripts/golden/check_transformers.py test/engine/golden
"""

import json
import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from peft import PeftModel
from transformers import AutoModelForCausalLM


def main(folder):
    inputs = json.loads((folder / "inputs.json").read_text())
    expected = json.loads((folder / "expected.json").read_text())
    ids = torch.tensor(inputs["ids"]).view(inputs["batch"], inputs["length"])
    targets = torch.tensor(inputs["targets"])
    worst = 0.0
    for case, model_folder in (("tied", "tied"), ("untied", "untied"), ("lora", "untied")):
        model = AutoModelForCausalLM.from_pretrained(folder / model_folder, torch_dtype=torch.float64)
        if case == "lora":
            model = PeftModel.from_pretrained(model, str(folder / case)).to(torch.float64)
        with torch.no_grad():
            logits = model(ids).logits.to(torch.float64)
        losses = F.cross_entropy(logits.view(-1, logits.shape[-1]), targets, ignore_index=-1, reduction="none")
        difference = (losses - torch.tensor(expected[case]["losses"], dtype=torch.float64)).abs().max().item()
        print(f"{case}: largest difference of a token's loss {difference:.2e}")
        worst = max(worst, difference)
    sys.exit(0 if worst < 1e-4 else 1)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
