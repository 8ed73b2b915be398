#!/usr/bin/env bash
# Writes recordings/: one short sentence in many formats, and what ffmpeg makes of it at 16 kHz.
# Needs Debian 12's espeak-ng (1.51), sox (14.4.2) and ffmpeg (5.1). Run from this folder.
set -euo pipefail
cd recordings
rm -f ./*
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
espeak-ng -v en-us -s 220 -w "$work/mono.wav" "Hello world"
# Another level on the right, so that the average is neither channel.
sox -D "$work/mono.wav" "$work/short.wav" rate 44100 trim 0 0.5
sox -D -M -v 0.9 "$work/short.wav" -v 0.3 "$work/short.wav" "$work/stereo.wav"

sox -D "$work/stereo.wav" "$work/mono44.wav" remix 1,2
encode() { ffmpeg -v error -y -bitexact -i "$work/stereo.wav" -map_metadata -1 "$@"; }
encode -ac 1 -ar 16000 -f s16le reference_16khz.s16
encode stereo44.flac
encode -ar 8000 -ac 1 mono8.wav
encode -ar 8000 -c:a pcm_u8 stereo8_u8.wav
encode -ar 11025 -ac 1 -c:a pcm_s24le mono11_s24.wav
encode -ar 8000 -ac 1 -c:a pcm_s32le mono8_s32.wav
# ffmpeg averages channels only on the way to integers.
ffmpeg -v error -y -bitexact -i "$work/mono44.wav" -ar 8000 -c:a pcm_f32le mono8_f32.wav
encode -ar 8000 -ac 1 -c:a pcm_mulaw mono8_mulaw.wav
encode -ar 8000 -ac 1 -c:a pcm_alaw mono8_alaw.wav
encode -ar 16000 -ac 1 -c:a adpcm_ima_wav mono16_adpcm.wav
encode -ar 8000 -ac 1 -rf64 always mono8_rf64.wav
encode -ar 8000 -ac 1 mono8.w64
encode -ar 8000 -ac 1 mono8.aiff
encode -ar 8000 -ac 1 mono8.au
encode -ar 8000 -ac 1 mono8.caf
encode -c:a libvorbis -page_duration 50000 stereo44.ogg
encode -c:a libopus stereo48.opus
encode -b:a 64k stereo44.mp3
encode -b:a 64k stereo44.m4a
encode -b:a 64k stereo44.aac
encode -c:a libopus stereo48.webm
encode -c:a wmav2 -b:a 64k stereo44.wma
ffmpeg -v error -y -bitexact -f lavfi -i color=black:s=16x16:r=5:d=0.5 -i "$work/stereo.wav" -c:v mpeg4 -c:a aac -b:a 64k \
  film44.mp4
# Written to a pipe: the header does not know how long the sound is.
encode -ar 8000 -ac 1 -f wav - | cat > mono8_piped.wav
ls -l
