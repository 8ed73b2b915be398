#!/usr/bin/env bash
# Installs the packages, builds everything, fetches Whisper base (once) and runs all the tests but the slow ones, which wait
# for devices and long streams.
#
#   tools/test.sh [CTEST ARGUMENT…]    e.g. tools/test.sh -L fast      those that need no real weights
#                                           tools/test.sh -R graph/    those of graph/
#                                           tools/test.sh -L slow      the slow ones
set -euo pipefail
cd "$(dirname "$0")/.."

tools/setup.sh --lint
tools/build.sh
[ $# -gt 0 ] || set -- -LE slow
case " $* " in
  *" -LE model "* | *" -L fast "*) ;;
  *) build/release/millrace models pull openai/whisper-base ;;
esac
exec ctest --preset release -j "$(nproc)" --no-tests=error --progress "$@"
