"""Subtitles of awkward segments, read by a parser of the formats' own definitions.

    subtitles_test.py WRITE_SUBTITLES
"""
import json
import random
import re
import subprocess
import sys
import unittest

from subtitles import read_srt, read_vtt

WRITER = sys.argv.pop()
AWKWARD = ["-->", "--->", "---->", "- ->", "<", "<i>", "</b>", "<00:01>", "&", "&amp;", "&lt;", "\n", "\n\n", "\r\n", "\r",
           " ", "WEBVTT", "NOTE", "1", "00:00:01,000 --> 00:00:02,000", "é", "日本語", "🙂", "\t", "word", "{\\an8}", ">"]


def one_line(text):
    return re.sub(r"[\n\r\0]", " ", text.strip())


def write(form, segments):
    done = subprocess.run([WRITER, form], input=json.dumps(segments).encode(), capture_output=True, check=True)
    return done.stdout.decode()


class Subtitles(unittest.TestCase):
    def compare(self, segments):
        said = [(s["start"], s["end"], one_line(s["text"])) for s in segments if one_line(s["text"])]
        for form, read in (("srt", read_srt), ("vtt", read_vtt)):
            cues = read(write(form, segments))
            self.assertEqual(len(cues), len(said))
            for (start, end, text), (cue_start, cue_end, cue_text) in zip(said, cues):
                self.assertAlmostEqual(cue_start, start, delta=0.0006)
                self.assertAlmostEqual(cue_end, max(end, start + 0.001), delta=0.0011)
                if form == "srt":  # which has no escapes
                    text = re.sub("-{2,}>", "->", text)
                self.assertEqual(cue_text, text)

    def test_no_segments(self):
        self.assertEqual(write("srt", []), "")
        self.assertEqual(write("vtt", []), "WEBVTT\n\n")

    def test_each_awkward_text(self):
        for text in AWKWARD:
            with self.subTest(text):
                self.compare([{"start": 0, "end": 1, "text": text}, {"start": 1, "end": 2, "text": f" a {text} b"}])

    def test_times(self):
        for start, end in ((0, 0), (5, 5), (59.9994, 59.9996), (3599.9996, 3600), (360_000, 360_001.5), (0.0004, 0.0005)):
            with self.subTest(start=start, end=end):
                self.compare([{"start": start, "end": end, "text": "word"}])

    def test_random_transcripts(self):
        draw = random.Random(1)
        for _ in range(100):
            segments, time = [], 0.0
            for _ in range(draw.randrange(12)):
                start = time + draw.choice([0, 0.02, draw.random() * 40])
                time = start + draw.choice([0, 0.02, draw.random() * 30])
                text = "".join(draw.choice(AWKWARD) for _ in range(draw.randrange(7)))
                segments.append({"start": start, "end": time, "text": text})
            self.compare(segments)


if __name__ == "__main__":
    unittest.main()
