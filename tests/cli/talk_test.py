"""millrace talk with Whisper base and SmolLM2: a new question cuts off the answer under way, and is answered.

The questions are spoken by eSpeak NG. They come through a pipe, the second one when the first answer has begun, so that
nothing here depends on how fast the machine is. Needs the weights of openai/whisper-base and SmolLM2-135M-Instruct.
"""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
import wave

FIRST = "Please tell me a very long story about a dragon."
SECOND = "What is the capital of France?"
SYSTEM = ["--system", "Answer at length."]


def spoken(text, folder):
    """Samples of 16 bits, and their rate."""
    path = pathlib.Path(folder) / "spoken.wav"
    subprocess.run(["espeak-ng", "-w", path, "--stdin"], input=text.encode(), check=True, timeout=60)
    with wave.open(str(path)) as sound:
        return sound.readframes(sound.getnframes()), sound.getframerate()


@unittest.skipUnless(shutil.which("espeak-ng"), "espeak-ng is not installed")
class Talk(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            cls.first, cls.rate = spoken(FIRST, folder)
            cls.second, _ = spoken(SECOND, folder)

    def silence(self, seconds):
        return bytes(2 * int(seconds * self.rate))

    def start(self, *arguments):
        process = subprocess.Popen([os.environ["MILLRACE"], "talk", "-q", "--input", "-", *arguments],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.kill)
        process.stdin.write(self.header())
        return process

    def header(self):
        """Of a WAV file of an hour; how much of it comes nobody knows."""
        size = 2 * self.rate * 3600
        return (b"RIFF" + (36 + size).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little") +
                (1).to_bytes(2, "little") * 2 + self.rate.to_bytes(4, "little") + (2 * self.rate).to_bytes(4, "little") +
                (2).to_bytes(2, "little") + (16).to_bytes(2, "little") + b"data" + size.to_bytes(4, "little"))

    def say(self, process, samples):
        process.stdin.write(self.silence(1) + samples + self.silence(1))
        process.stdin.flush()

    def read_until(self, process, pattern):
        """What is printed up to where it matches."""
        text = b""
        while not re.search(pattern, text, re.DOTALL):
            byte = process.stdout.read(1)
            if not byte:
                self.fail(f"ended with {text} {process.stderr.read()}")
            text += byte
        return text

    def finish(self, process):
        process.stdin.close()
        output = process.stdout.read().decode()
        errors = process.stderr.read().decode()
        code = process.wait(timeout=120)
        process.stdout.close(), process.stderr.close()
        return code, output, errors

    def test_a_new_question_cuts_off_the_answer_and_is_answered(self):
        process = self.start(*SYSTEM)
        self.say(process, self.first)
        begun = self.read_until(process, rb"> [^\n]*\n\s*\w+ ").decode()
        self.assertRegex(begun, r"(?i)^> .*long story.*dragon")
        self.say(process, self.second)
        code, output, errors = self.finish(process)
        self.assertEqual(code, 0, errors)
        cut, rest = output.split(" —\n", 1)
        self.assertNotIn("\n> ", cut)
        question, answer = rest.split("\n", 1)
        self.assertRegex(question, r"(?i)^> what is the capital o[fn] france")  # it hears either in this voice
        self.assertIn("Paris", answer)
        self.assertNotIn(" —\n", answer)

    def test_json_tells_the_events_with_their_times(self):
        process = self.start("--format", "json", "--max-new-tokens", "12")
        self.say(process, self.second)
        code, output, errors = self.finish(process)
        self.assertEqual(code, 0, errors)
        heard, answer = map(json.loads, output.splitlines())
        self.assertEqual((heard["event"], heard["turn"], heard["language"]), ("heard", 1, "en"))
        self.assertRegex(heard["text"], r"(?i)capital o[fn] france")  # it hears either in this voice
        length = len(self.second) / 2 / self.rate
        self.assertAlmostEqual(heard["start"], 1, delta=0.3)
        self.assertAlmostEqual(heard["end"], 1 + length, delta=0.5)
        self.assertGreater(heard["latency"], 0)
        self.assertEqual((answer["event"], answer["turn"]), ("answer", 1))
        self.assertIn(answer["finish_reason"], ("stop", "length"))
        self.assertLessEqual(answer["completion_tokens"], 12)
        self.assertGreaterEqual(answer["latency"], heard["latency"])
        self.assertGreaterEqual(answer["end"], answer["start"])

    def test_an_interrupt_ends_it(self):
        process = self.start(*SYSTEM, "--format", "text")
        self.say(process, self.first)
        self.read_until(process, rb"> [^\n]*\n\s*\w+ ")
        begin = time.monotonic()
        process.send_signal(signal.SIGINT)
        output = process.stdout.read().decode()
        code = process.wait(timeout=60)
        self.assertLess(time.monotonic() - begin, 10, "2 s on a machine that does nothing else")
        self.assertEqual(code, 130)
        self.assertTrue(output.endswith(" —\n"), output)
        process.stdin.close(), process.stdout.close(), process.stderr.close()

    def test_spoken_answers_are_as_long_as_they_sound(self):
        with tempfile.TemporaryDirectory() as folder:
            process = self.start("--format", "json", "--max-new-tokens", "30", "--speak", "--speak-folder", folder)
            self.say(process, self.second)
            code, output, errors = self.finish(process)
            self.assertEqual(code, 0, errors)
            answer = json.loads(output.splitlines()[1])
            files = sorted(pathlib.Path(folder).iterdir())
            self.assertEqual(files[0].name, "1-1.wav")
            sound = 0
            for file in files:
                with wave.open(str(file)) as spoken_file:
                    sound += spoken_file.getnframes() / spoken_file.getframerate()
            self.assertGreater(answer["end"] - answer["start"], 0.8 * sound)

    def test_without_espeak_the_error_names_the_package(self):
        done = subprocess.run([os.environ["MILLRACE"], "talk", "-q", "--input", "samples/kennedy.wav", "--speak"],
                              env={**os.environ, "PATH": "/nowhere"}, capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 6, done.stderr)
        self.assertIn("package espeak-ng", done.stderr)


if __name__ == "__main__":
    unittest.main()
