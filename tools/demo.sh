#!/usr/bin/env bash
# From a fresh clone to a transcript: installs the packages, builds the command, fetches Whisper base (once) and
# transcribes samples/kennedy.wav, or the recordings named, through pipelines/asr.yaml.
#
#   tools/demo.sh [RECORDING…]
set -euo pipefail
recordings=()
for recording in "$@"; do recordings+=("$(realpath -- "$recording")"); done
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || recordings=(samples/kennedy.wav)

tools/setup.sh
tools/build.sh millrace
exec build/release/millrace run pipelines/asr.yaml "${recordings[@]}" --format text
