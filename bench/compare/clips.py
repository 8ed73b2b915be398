"""Lists the recordings of the comparison, with what is said in them, and makes the long ones.

    python clips.py OUTPUT_FOLDER      writes OUTPUT_FOLDER/clips.json and the recordings that have to be made

The short ones are real: the Kennedy clip of samples/ and those of Debian's pocketsphinx-testdata that come with a
transcript. The long ones are real speech too: the clips one after the other, with pauses of varied length
between them, so that a lost, repeated or shifted window shows in the words.
"""
import json
import pathlib
import random
import re
import sys

import numpy as np
import soundfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SPHINX = pathlib.Path("/usr/share/pocketsphinx/test/data")
RATE = 16000
KENNEDY = ("And so my fellow Americans, ask not what your country can do for you, ask what you can do for your "
           "country.")
RAW = {"goforward.raw": "go forward ten meters", "something.raw": "go somewhere and do something",
       "tidigits/dhd.2934z.raw": "two nine three four zero"}


def transcripts(folder: pathlib.Path, file: str) -> list[dict]:
    """Lines such as `<s> ten of clubs  </s> (001)`."""
    found = []
    for line in (folder / file).read_text().splitlines():
        text, name = re.fullmatch(r"<s> (.*?) *</s> \((.*)\)\s*", line).groups()
        found.append({"file": str(folder / f"{name}.wav"), "text": text})
    return found


def from_raw(output: pathlib.Path) -> list[dict]:
    clips = []
    for name, text in RAW.items():
        target = output / (pathlib.Path(name).stem + ".wav")
        soundfile.write(target, np.fromfile(SPHINX / name, "<i2"), RATE, subtype="PCM_16")
        clips.append({"file": str(target), "text": text})
    return clips


def long_recording(clips: list[dict], seconds: float, target: pathlib.Path) -> dict:
    """Clips of more than two seconds in random order, 0.4 to 2.5 s of silence between them."""
    rng = random.Random(1)
    sounds = [(soundfile.read(clip["file"], dtype="int16")[0], clip["text"]) for clip in clips]
    sounds = [(sound, text) for sound, text in sounds if len(sound) > 2 * RATE]
    parts, texts, length = [], [], 0
    while length < seconds * RATE:
        rng.shuffle(sounds)
        for sound, text in sounds:
            pause = np.zeros(int(RATE * rng.uniform(0.4, 2.5)), np.int16)
            parts += [sound, pause]
            texts.append(text)
            length += len(sound) + len(pause)
            if length >= seconds * RATE:
                break
    soundfile.write(target, np.concatenate(parts), RATE, subtype="PCM_16")
    return {"file": str(target), "text": " ".join(texts)}


def main() -> None:
    output = pathlib.Path(sys.argv[1]).resolve()
    output.mkdir(parents=True, exist_ok=True)
    clips = [{"file": str(ROOT / "samples/kennedy.wav"), "text": KENNEDY}]
    clips += transcripts(SPHINX / "librivox", "transcription")
    clips += transcripts(SPHINX / "cards", "cards.transcription")
    clips += from_raw(output)
    manifest = {"clips": clips, "long": [long_recording(clips, 300, output / "five_minutes.wav")]}
    (output / "clips.json").write_text(json.dumps(manifest, indent=1) + "\n")


if __name__ == "__main__":
    main()
