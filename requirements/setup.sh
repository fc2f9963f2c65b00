#!/bin/sh
# Make .venv and install a lock into it: sh requirements/setup.sh run|dev
# Uses the pip that lies beside this script, so a Python without pip, ensurepip or
# python3-venv (a bare Debian) is enough. PYTHON names another interpreter.
set -eu
cd "$(dirname "$0")/.."
kind=${1:-run}
python=${PYTHON:-python3}

if ! command -v "$python" >/dev/null 2>&1; then
  echo "setup: no '$python' found; install Python 3.11 or newer, or name one: make PYTHON=/path/to/python3" >&2
  exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  echo "setup: $("$python" --version) is too old; Python 3.11 or newer is needed (make PYTHON=python3.11)" >&2
  exit 1
fi
if [ -x .venv/bin/python ] && ! .venv/bin/python -c '' 2>/dev/null; then
  rm -rf .venv # its interpreter is gone
fi
if [ ! -x .venv/bin/python ]; then
  echo "setup: making .venv with $("$python" --version)"
  "$python" -m venv --without-pip .venv
fi
echo "setup: installing $(grep -c '==' "requirements/$kind.lock") pinned packages ($kind), a minute or two the first time"
pip=$(ls requirements/pip-*.whl)/pip
.venv/bin/python "$pip" --disable-pip-version-check install --quiet --require-hashes \
  -r "requirements/$kind.lock"
.venv/bin/python "$pip" --disable-pip-version-check install --quiet --no-deps --no-build-isolation \
  --editable .
touch ".venv/$kind.stamp"
echo "setup: done"
