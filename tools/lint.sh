#!/usr/bin/env bash
# Checks the layout (clang-format 14) of the project's C++ and runs clang-tidy on the sources that differ from a branch.
#
#   tools/lint.sh [BASE]       changed since BASE (default main): layout and clang-tidy
#   tools/lint.sh --format     layout alone, of every file (a test runs this)
#   tools/lint.sh --fix        lays out every file
set -euo pipefail
cd "$(dirname "$0")/.."

formatter=$(command -v clang-format-14 || command -v clang-format || true)
if [ -z "$formatter" ]; then
  echo "lint: clang-format is not installed; run tools/setup.sh --lint" >&2
  exit 77  # CTest reads this as skipped
fi
mapfile -t sources < <(git ls-files -co --exclude-standard '*.h' '*.cpp')

case "${1:-}" in
  --fix) exec "$formatter" -i "${sources[@]}" ;;
  --format) exec "$formatter" --dry-run --Werror "${sources[@]}" ;;
esac

mapfile -t changed < <(git diff --name-only --diff-filter=d "${1:-main}" -- '*.h' '*.cpp')
if [ ${#changed[@]} -eq 0 ]; then
  echo "lint: no C++ has changed" >&2
  exit 0
fi
"$formatter" --dry-run --Werror "${changed[@]}"
cmake --preset dev >/dev/null
for file in "${changed[@]}"; do
  case "$file" in *.cpp) clang-tidy -p build/dev --quiet "$file" ;; esac
done
