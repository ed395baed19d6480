"""The evaluator in PyTorch: `python evaluators/torch [options] [session folder]`. See docs/evaluator-protocol.md."""

from gradients_torch.program import main

if __name__ == "__main__":
    main()
