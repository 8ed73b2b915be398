#!/bin/sh
# Writes what is made from the program itself: the node reference, the schema of pipeline files, the picture of the speech
# pipeline. The tests compare the first two with what the program says.
set -eu
cd "$(dirname "$0")/.."
millrace=${MILLRACE:-build/release/millrace}
"$millrace" nodes --format markdown > docs/nodes.md
"$millrace" nodes --format schema > docs/pipeline.schema.json
"$millrace" graph asr -o docs/asr.svg
