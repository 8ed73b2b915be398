#!/usr/bin/env bash
# Installs the packages, builds everything, fetches Whisper base (once) and runs all the tests.
#
#   tools/test.sh [CTEST ARGUMENT…]    e.g. tools/test.sh -LE model    all but those on real weights
#                                           tools/test.sh -R graph/    those of graph/
set -euo pipefail
cd "$(dirname "$0")/.."

tools/setup.sh --lint
tools/build.sh
case " $* " in
  *" -LE model "*) ;;
  *) build/release/millrace models pull openai/whisper-base ;;
esac
exec ctest --preset release -j "$(nproc)" --no-tests=error --progress "$@"
