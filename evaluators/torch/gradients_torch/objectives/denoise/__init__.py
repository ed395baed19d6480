"""Reconstruction of images from noise, with their captions and without."""

from .evaluation_set import configure

__all__ = ["configure"]
