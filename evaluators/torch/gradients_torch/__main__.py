"""`python -m gradients_torch`, where the package is on Python's path."""

from gradients_torch.program import main

if __name__ == "__main__":
    main()
