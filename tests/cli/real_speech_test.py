"""Whisper base on real recordings: what is said comes out whole, in order and in time, and nothing else does.

Needs the weights of openai/whisper-base; the long recording also Debian's pocketsphinx-testdata.
"""
import array
import json
import math
import os
import pathlib
import random
import subprocess
import tempfile
import unittest
import wave

from subtitles import read_srt, read_vtt

KENNEDY = "samples/kennedy.wav"
KENNEDY_TEXT = ("And so my fellow Americans, ask not what your country can do for you, "
                "ask what you can do for your country.")
RATE = 16000
DATA = pathlib.Path("/usr/share/pocketsphinx/test/data")
AUSTEN = DATA / "librivox"
SPOKEN = {  # recording: a stretch of words that only it holds
    KENNEDY: "my fellow Americans",
    AUSTEN / "sense_and_sensibility_01_austen_64kb-0870.wav": "had then leisure to consider",
    AUSTEN / "sense_and_sensibility_01_austen_64kb-0880.wav": "young man",
    AUSTEN / "sense_and_sensibility_01_austen_64kb-0890.wav": "cold",
    AUSTEN / "sense_and_sensibility_01_austen_64kb-0920.wav": "still more respectable",
    AUSTEN / "sense_and_sensibility_01_austen_64kb-0930.wav": "made amiable himself",
}
QUICK = ["--beam-size", "1", "--temperature", "0", "--language", "en"]


def transcribe(*arguments):
    """The transcripts of a call, one a file."""
    command = [os.environ["MILLRACE"], "transcribe", "-q", "--format", "json", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240)
    if done.returncode != 0:
        raise AssertionError(f"{command} ended with {done.returncode}: {done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def samples_of(path):
    with wave.open(str(path)) as recording:
        assert recording.getframerate() == RATE and recording.getnchannels() == 1
        return array.array("h", recording.readframes(recording.getnframes()))


def write(path, samples):
    with wave.open(str(path), "wb") as recording:
        recording.setnchannels(1)
        recording.setsampwidth(2)
        recording.setframerate(RATE)
        recording.writeframes(array.array("h", samples).tobytes())
    return path


def noise(seconds, loudness, seed=1):
    draw = random.Random(seed)
    return [int(max(-32768, min(32767, draw.gauss(0, loudness)))) for _ in range(int(seconds * RATE))]


class RealSpeech(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def assert_times_go_on(self, transcript):
        latest = 0
        for segment in transcript["segments"]:
            for part in segment.get("words") or [segment]:
                self.assertLessEqual(latest, part["start"] + 1e-6)
                self.assertLessEqual(part["start"], part["end"] + 1e-6)
                latest = part["end"]
        self.assertLessEqual(latest, transcript["duration"] + 0.011)

    def test_the_kennedy_recording_is_exact(self):
        for options in ([], QUICK, ["--no-vad-filter"], ["--batch-size", "4"]):
            with self.subTest(options=options):
                [transcript] = transcribe(*options, KENNEDY)
                self.assertEqual(transcript["text"].strip(), KENNEDY_TEXT)
                self.assertEqual(transcript["duration"], 11)
                self.assert_times_go_on(transcript)

    def test_subtitles_can_be_read(self):
        for form, read in (("srt", read_srt), ("vtt", read_vtt)):
            done = subprocess.run([os.environ["MILLRACE"], "transcribe", "-q", "--format", form, *QUICK, KENNEDY],
                                  capture_output=True, text=True, timeout=240, check=True)
            cues = read(done.stdout)
            self.assertEqual(" ".join(text for _, _, text in cues), KENNEDY_TEXT)
            self.assertLessEqual(cues[-1][1], 11.01)

    def test_words_have_times(self):
        [transcript] = transcribe("--timestamps", "word", KENNEDY)
        words = [word for segment in transcript["segments"] for word in segment["words"]]
        self.assertEqual("".join(word["word"] for word in words).strip(), KENNEDY_TEXT)
        self.assert_times_go_on(transcript)
        starts = {word["word"].strip(): word["start"] for word in words}
        self.assertAlmostEqual(starts["Americans,"], 1.9, delta=0.6)
        self.assertAlmostEqual(words[-1]["end"], 10.4, delta=0.4)

    def test_clips_are_listened_to_alone(self):
        for options in ([], ["--batch-size", "2"]):
            with self.subTest(options=options):
                [transcript] = transcribe(*QUICK, *options, "--clip-timestamps", "0,3.2,7.9", KENNEDY)
                text = transcript["text"].lower()
                self.assertIn("americans", text)
                self.assertIn("ask what you can do for your country", text)
                self.assertNotIn("ask not", text)
                self.assertGreaterEqual(transcript["segments"][-1]["start"], 7.9)
                self.assert_times_go_on(transcript)

    def test_nothing_is_invented(self):
        tone = [int(8000 * math.sin(2 * math.pi * 440 * i / RATE)) for i in range(RATE * 8)]
        hum = [int(4000 * math.sin(2 * math.pi * 50 * i / RATE)) for i in range(RATE * 8)]
        clicks = [20000 if i % 8000 < 8 else 0 for i in range(RATE * 8)]
        files = [
            write(self.folder / "silence.wav", [0] * RATE * 35),
            write(self.folder / "loud_noise.wav", noise(8, 6000)),
            write(self.folder / "quiet_noise.wav", noise(31, 40)),
            write(self.folder / "tone.wav", tone),
            write(self.folder / "hum.wav", hum),
            write(self.folder / "clicks.wav", clicks),
            write(self.folder / "short.wav", noise(0.1, 300)),
            write(self.folder / "one_sample.wav", [100]),
        ]
        for options in ([], ["--batch-size", "4"]):
            for file, transcript in zip(files, transcribe(*options, *files)):
                self.assertEqual((file.name, transcript["text"]), (file.name, ""))

    def test_a_recording_as_long_as_a_window(self):
        speech = samples_of(KENNEDY)
        files = [write(self.folder / f"{seconds}.wav",
                       speech.tolist() + noise(seconds - 22, 3) + speech.tolist())
                 for seconds in (29.99, 30.0, 30.01)]
        for transcript in transcribe(*QUICK, *files):
            self.assertEqual(transcript["text"].lower().count("my fellow americans"), 2, transcript["text"])
            self.assert_times_go_on(transcript)

    @unittest.skipUnless(AUSTEN.is_dir(), "pocketsphinx-testdata is not installed")
    def test_a_long_recording_is_whole(self):
        draw = random.Random(3)
        samples, spoken = [], []  # what is said from when to when
        order = []  # nobody says a sentence twice on end, and the model may then write it once
        for _ in range(48):
            order.append(draw.choice([file for file in SPOKEN if file not in order[-1:]]))
        for file in order:
            part = samples_of(file)
            spoken.append((len(samples) / RATE, (len(samples) + len(part)) / RATE, SPOKEN[file].lower()))
            samples += part.tolist() + noise(draw.choice([0.3, 0.7, 1.5, 4]), 4, len(samples))
        path = write(self.folder / "long.wav", samples)
        for options in ([], ["--batch-size", "4"]):
            with self.subTest(options=options):
                [transcript] = transcribe(*QUICK, "--timestamps", "word", *options, path)
                self.assert_times_go_on(transcript)
                words = [word for segment in transcript["segments"] for word in segment["words"]]
                for start, end, text in spoken:
                    heard = "".join(w["word"] for w in words
                                    if start - 0.5 <= (w["start"] + w["end"]) / 2 < end + 0.3)
                    self.assertEqual(heard.lower().replace("-", " ").count(text), 1, f"{start:.1f}: {heard}")


if __name__ == "__main__":
    unittest.main()
