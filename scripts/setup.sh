#!/usr/bin/env bash
# Makes .venv with hash-checked, locked dependencies. Usage: setup.sh runtime|server|dev
# A stamp of the lock's hash makes the second run instant; dev is a superset of the others.
set -euo pipefail
cd "$(dirname "$0")/.."
kind=${1:-runtime}
lock=locks/$kind.txt
stamp=$(cat "$lock" locks/bootstrap.txt pyproject.toml | sha256sum | cut -d' ' -f1)
[[ -f .venv/.stamp-$kind && $(<.venv/.stamp-$kind) == "$stamp" ]] && exit 0
if [[ $kind != dev && -f .venv/.stamp-dev ]]; then
  dev=$(cat locks/dev.txt locks/bootstrap.txt pyproject.toml | sha256sum | cut -d' ' -f1)
  [[ $(<.venv/.stamp-dev) == "$dev" ]] && exit 0
fi
py=""
for candidate in python3.11 python3.12 python3.13 python3; do
  command -v "$candidate" >/dev/null || continue
  "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null && { py=$candidate; break; }
done
[[ -n $py ]] || { echo "setup: Python 3.11, 3.12 or 3.13 is needed: apt-get install python3 python3-venv" >&2; exit 1; }
if [[ ! -x .venv/bin/pip ]]; then
  rm -rf .venv
  if ! "$py" -m venv .venv >/dev/null 2>&1; then
    # Debian ships venv without ensurepip until python3-venv is installed.
    rm -rf .venv
    if [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
      echo "setup: installing python3-venv" >&2
      { apt-get update -qq && apt-get install -y -qq python3-venv; } >/dev/null
      "$py" -m venv .venv
    else
      echo "setup: this Python cannot make environments; run: sudo apt-get install python3-venv" >&2; exit 1
    fi
  fi
fi
echo "setup: installing locked dependencies ($kind)" >&2
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r locks/bootstrap.txt
export VIRTUAL_ENV=$PWD/.venv
# The machine's own certificates first: a proxy's authority is known there and nowhere else.
uv() { .venv/bin/uv --quiet --system-certs "$@" 2>.venv/uv.log || .venv/bin/uv --quiet "$@"; }
# Names that the lock does not hold are removed, so that .venv is what the lock says.
uv pip sync --require-hashes "$lock" locks/bootstrap.txt
uv pip install --no-deps --no-build-isolation --editable .
# Bytecode is made once here: where users may not write to the installation, or Python was told to write none, every
# command and every child would compile its libraries anew. What does not compile is never imported.
.venv/bin/python -m compileall -qq -j 0 .venv/lib/python3*/site-packages api extractors flows models pipeline signing || true
# Prefect's empty database is made once here, so that no home pays for its migrations.
.venv/bin/python -m flows.prefect_child --template
# The networks are compiled once here for this processor: a reading process then starts in a quarter of the time.
.venv/bin/python -c "from pipeline.reader import compile_ahead; compile_ahead()" || true
rm -f .venv/.stamp-*
echo "$stamp" > ".venv/.stamp-$kind"
