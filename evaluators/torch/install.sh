#!/usr/bin/env bash
# Installs what the evaluators in PyTorch need: evaluators/torch/install.sh [folder of the environment, default .venv]
# Needs Python 3.11 or newer with its venv module; PYTHON names another one than python3.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
target=${1:-$here/../../.venv}
python=${PYTHON:-python3}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; PYTHON names another one than python3.")'
"$python" -m venv "$target"
"$target/bin/pip" install --quiet --disable-pip-version-check --no-compile \
  -r "$here/requirements.txt" -c "$here/requirements.lock"
echo "The evaluators run with: $(cd "$target" && pwd)/bin/python -I $here"
