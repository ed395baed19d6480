"""Evaluates language and image models with PyTorch behind the evaluator protocol."""

__version__ = "0.1.0"
