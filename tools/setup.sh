#!/usr/bin/env bash
# Installs what Millrace is built from: Debian 12 packages, nothing else. Asks nothing of a machine that has them all
# (not even the network), and runs as root or through sudo.
#
#   tools/setup.sh          what building, running and testing need
#   tools/setup.sh --lint   also clang-format and clang-tidy, for the test of the layout and tools/lint.sh
set -euo pipefail

packages=(
  # build
  g++ cmake ninja-build ccache pkg-config git ca-certificates
  # libraries: one per line of cmake/dependencies.cmake
  libtbb-dev libfmt-dev libspdlog-dev nlohmann-json3-dev libyaml-cpp-dev libcli11-dev
  libcurl4-openssl-dev libssl-dev zlib1g-dev libzip-dev
  libsndfile1-dev libsoxr-dev libfftw3-dev
  libavformat-dev libavcodec-dev libavutil-dev libswresample-dev
  libpcre2-dev libutf8proc-dev
  libopencv-core-dev libopencv-imgproc-dev libopencv-imgcodecs-dev libopencv-videoio-dev
  libopencv-highgui-dev libjpeg-dev libtiff-dev libwebp-dev portaudio19-dev
  # tests
  libgtest-dev libgmock-dev libbenchmark-dev pocketsphinx-testdata
  # tests of live sound and pictures: a sound server without hardware, a display without a screen
  pulseaudio pulseaudio-utils xvfb
  # run time: pictures of pipelines; microphones behind a sound server; a voice; Python fetches models from the mirror and
  # runs the tests of the command
  graphviz libasound2-plugins espeak-ng python3 python3-venv python3-pip
)
for argument in "$@"; do
  case "$argument" in
    --lint) packages+=(clang-format clang-tidy) ;;
    *) sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
  esac
done

say() { printf 'setup: %s\n' "$*" >&2; }

if ! command -v dpkg-query >/dev/null; then
  say "this is not a Debian system; install what these Debian 12 packages hold, then build with cmake:"
  say "${packages[*]}"
  exit 1
fi

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null || true)
  grep -qx installed <<<"$status" || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
  say "all ${#packages[@]} packages are here"
  exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { say "needs root (or sudo) to install: ${missing[*]}"; exit 1; }
  as_root=(sudo)
fi

say "installing ${#missing[@]} of ${#packages[@]} packages with apt-get (a minute or two): ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -q -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 "$@" >"$log" 2>&1 </dev/null
}
if ! { apt update && apt install -y --no-install-recommends "${missing[@]}"; }; then
  tail -n 25 "$log" >&2
  say "apt-get failed (above); check the network and /etc/apt/sources.list, then run this again"
  exit 1
fi
say "done"
