#!/usr/bin/env bash
# Installs what the evaluators in PyTorch need: evaluators/torch/install.sh [folder of the environment, default .venv]
# Needs Python 3.11 or newer with its venv module; PYTHON names another one than python3. About 6 GB.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
target=${1:-$here/../../.venv}
python=${PYTHON:-python3}

"$python" -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed: name one with PYTHON")'
"$python" -m venv "$target"
if [ "$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])') $(uname -s) $(uname -m)" = "3.11 Linux x86_64" ]; then
  # The very packages that the images have.
  requirements=(--require-hashes --no-deps -r "$here/requirements-diffusion.lock")
else
  echo "The locked packages are for Python 3.11 on Linux x86_64; here pip chooses what goes with the pinned ones."
  requirements=(-r "$here/requirements-diffusion.in")
fi
"$target/bin/pip" install --quiet --disable-pip-version-check "${requirements[@]}"
echo "Run the evaluators with: $(cd "$target" && pwd)/bin/python -I $here"
