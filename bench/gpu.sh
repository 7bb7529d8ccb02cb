#!/usr/bin/env bash
# Everything about one GPU in one call of under ten minutes: is it right, how fast is it, what does five minutes of training give.
# Usage: bench/gpu.sh SHARDS RESULTS [--dry]
# SHARDS is a folder of tokens (`python -m bench.gpu shards --help`), RESULTS gets results.jsonl. Needs Python with torch and
# numpy, nothing else; where no Python has them, a virtual environment of the script's own is made in build/gpu.
set -euo pipefail
[ $# -ge 2 ] || { sed -n '2,5s/^# //p' "$0"; exit 2; }
shards=$(realpath -m "$1") results=$(realpath -m "$2")
shift 2
cd "$(dirname "$0")/.."
export PYTHONPATH=. PYTHONUNBUFFERED=1

find_python() {
  for python in "${PYTHON:-python3}" .venv/bin/python python3 build/gpu/bin/python; do
    if "$python" -c "import numpy, sys, torch; sys.exit(not ($1))" 2>/dev/null; then return; fi
  done
  false
}
if ! find_python 'torch.cuda.is_available()' && ! find_python True; then
  python3 -m venv build/gpu
  python=build/gpu/bin/python
  "$python" -m pip install --quiet --disable-pip-version-check torch numpy
fi
exec timeout --signal=INT --kill-after=10 598 "$python" -m bench.gpu run "$shards" "$results" "$@"
