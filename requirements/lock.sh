#!/bin/sh
# Rebuild both locks from pyproject.toml: every version pinned, every file hashed, for
# Python 3.11 to 3.14 in one file. Needs uv; run it after changing a dependency.
set -eu
cd "$(dirname "$0")/.."
compile() {
  uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
    --no-emit-index-url --no-emit-find-links --no-header --quiet --upgrade "$@"
}
compile --group build -o requirements/run.lock
compile --all-extras --group dev -c requirements/run.lock -o requirements/dev.lock
