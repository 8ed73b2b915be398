#!/usr/bin/env bash
# Measures Millrace beside ONNX Runtime and OpenVINO on the same weights: installs them into build/vision (3 GB, once), makes
# the models and runs compare_vision.py.
#
#   bench/vision/run.sh [ARGUMENT OF compare_vision.py…]     e.g. --pictures FOLDER --rounds 10 --model vit-base
set -euo pipefail
cd "$(dirname "$0")/../.."
here=bench/vision work=build/vision

tools/setup.sh
mkdir -p "$work"
if [ ! -x "$work/venv/bin/python" ]; then
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install -q -r "$here/requirements.txt"
fi
tools/build.sh millrace
weights=$(echo "$(build/release/millrace models pull timm/tf_efficientnet_lite0.in1k)"/*.pth)
"$work/venv/bin/python" "$here/models.py" "$weights" "$work/models"
cmake --preset release -B "$work/build" -DMILLRACE_BENCH=ON -DMILLRACE_TESTS=OFF >"$work/build.log"
cmake --build "$work/build" --target vision_worker >>"$work/build.log"
exec "$work/venv/bin/python" "$here/compare_vision.py" --worker "$work/build/bench/vision_worker" \
  --models "$work/models" "$@"
