#!/usr/bin/env bash
# Measures Millrace beside llama.cpp on the same GGUF file: builds llama-cpp-python for this machine into
# build/chat (once), then runs compare_chat.py.
#
#   bench/chat/run.sh [ARGUMENT OF compare_chat.py…]     e.g. --rounds 5
set -euo pipefail
cd "$(dirname "$0")/../.."
here=bench/chat work=build/chat

tools/setup.sh
mkdir -p "$work"
if [ ! -x "$work/venv/bin/python" ]; then
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install -q -r "$here/requirements.txt"
fi
tools/build.sh millrace
model=$(echo "$(build/release/millrace models pull HuggingFaceTB/SmolLM2-135M-Instruct)"/*.gguf)
cmake --preset release -B "$work/build" -DMILLRACE_BENCH=ON -DMILLRACE_TESTS=OFF >"$work/build.log"
cmake --build "$work/build" --target chat_worker >>"$work/build.log"
exec "$work/venv/bin/python" "$here/compare_chat.py" --millrace build/release/millrace \
  --worker "$work/build/bench/chat_worker" --model "$model" --text docs/guide.md "$@"
