"""Names and versions of the libraries that the numbers depend on."""

import platform
from importlib.metadata import PackageNotFoundError, version

_NAMES = ("torch", "transformers", "peft", "diffusers", "safetensors", "tokenizers", "numpy")


def library_versions() -> dict[str, str]:
    """Versions of Python and of what is installed; nothing is imported."""
    found = {"python": platform.python_version()}
    for name in _NAMES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
