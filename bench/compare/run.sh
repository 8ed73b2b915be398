#!/usr/bin/env bash
# Measures Millrace beside its peers on the same weights, recordings and threads: installs the peers into
# build/compare (2.5 GB, once), converts the weights for each and runs compare.py.
#
#   bench/compare/run.sh [ARGUMENT OF compare.py…]     e.g. --rounds 5 --only millrace whisper.cpp
set -euo pipefail
cd "$(dirname "$0")/../.."
here=bench/compare work=build/compare
export HF_HUB_OFFLINE=1

tools/setup.sh
mkdir -p "$work"
if [ ! -x "$work/venv/bin/python" ]; then
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install -q -r "$here/requirements.txt"
fi
weights=$work/weights
if [ ! -e "$weights/ggml-f16.bin" ]; then
  mkdir -p "$weights"
  tools/build.sh millrace
  ln -sfn "$(HF_HUB_OFFLINE=0 build/release/millrace models pull openai/whisper-base)" "$weights/ct2"
  "$work/venv/bin/python" "$here/ct2_weights.py" "$weights/ct2" "$weights/hf"
  "$work/venv/bin/python" "$here/ggml_weights.py" "$weights/hf" "$weights/ggml-f16.bin"
fi
if [ ! -e "$weights/openvino/int8" ]; then
  python3 -m venv "$work/venv-export"
  "$work/venv-export/bin/pip" install -q -r "$here/requirements-export.txt"
  for format in fp16 int8; do
    "$work/venv-export/bin/optimum-cli" export openvino --model "$weights/hf" \
      --task automatic-speech-recognition-with-past --weight-format "$format" "$weights/openvino/$format"
  done
fi
"$work/venv/bin/python" "$here/clips.py" "$work/clips"

cmake --preset release -B "$work/build" -DMILLRACE_BENCH=ON -DMILLRACE_TESTS=OFF >"$work/build.log"
cmake --build "$work/build" --target compare_worker >>"$work/build.log"
exec "$work/venv/bin/python" "$here/compare.py" --millrace "$work/build/bench/compare_worker" \
  --weights "$weights" --clips "$work/clips/clips.json" "$@"
