#!/usr/bin/env bash
# Resolves pyproject.toml into hash-pinned lock files. Run it after changing a dependency.
# server.txt adds what a city's machines need (PostgreSQL's driver, SeaweedFS). Both it and dev.txt are constrained by
# runtime.txt, so that tests run on what users run.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=${UV:-.venv/bin/uv}
lock() { "$uv" pip compile --quiet --generate-hashes --no-header --no-annotate --no-emit-index-url \
           --python-version 3.11 --python-platform x86_64-manylinux_2_28 "$@"; }
lock pyproject.toml -o locks/runtime.txt
lock pyproject.toml --extra seaweedfs --extra postgresql -c locks/runtime.txt -o locks/server.txt
lock pyproject.toml --extra dev --extra synthesis --extra seaweedfs --extra postgresql -c locks/runtime.txt -o locks/dev.txt
printf 'uv\nsetuptools==81.0.0\n' | lock - -o locks/bootstrap.txt
