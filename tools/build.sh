#!/usr/bin/env bash
# Configures and builds the release preset in build/release.
#
#   tools/build.sh [TARGET…]   everything, or the targets named (millrace is the command)
set -euo pipefail
cd "$(dirname "$0")/.."

targets=()
[ $# -eq 0 ] || targets=(--target "$@")

# Each compiler process may take 1.5 GB of memory.
jobs=$(nproc)
room=$(awk '/MemAvailable/ { print int($2 / 1572864) }' /proc/meminfo 2>/dev/null || echo "$jobs")
[ "$room" -ge 1 ] || room=1
[ "$jobs" -le "$room" ] || jobs=$room

mkdir -p build
log=build/release.log
printf 'build: building build/release with %s jobs (minutes, the first time); log in %s\n' "$jobs" "$log" >&2
if ! cmake --preset release >"$log" 2>&1; then
  tail -n 25 "$log" >&2
  printf 'build: cmake found something missing (above); run tools/setup.sh\n' >&2
  exit 1
fi
if [ -t 2 ]; then
  cmake --build --preset release -j "$jobs" "${targets[@]}" 1>&2
elif ! cmake --build --preset release -j "$jobs" "${targets[@]}" >>"$log" 2>&1; then
  grep -m 1 -A 40 '^FAILED' "$log" >&2 || tail -n 40 "$log" >&2
  printf 'build: failed (above)\n' >&2
  exit 1
fi
