"""`millrace listen` on real speech, played as if it were spoken now: what it writes holds up to signals at any moment and to
a reader that stalls.

Needs the weights of openai/whisper-base.
"""
import json
import os
import pathlib
import random
import re
import signal
import subprocess
import tempfile
import time
import unittest

from subtitles import read_srt, read_vtt

KENNEDY = "samples/kennedy.wav"
WORDS = "my fellow americans ask not what your country can do for you ask what you can do for your country"


def words(text):
    return re.sub(r"[^\w\s]", "", text.lower()).split()


class Listen(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def start(self, *arguments):
        command = [os.environ["MILLRACE"], "listen", "--language", "en", *map(str, arguments)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.kill)
        return process

    def finish(self, process, code=0):
        output, errors = process.communicate(timeout=120)
        self.assertEqual(process.returncode, code, errors)
        return output.decode(), errors.decode()

    def check_accounts(self, errors):
        captured, processed, dropped = map(int, re.search(
            r"(\d+) samples captured, (\d+) processed, (\d+) dropped", errors).groups())
        self.assertEqual(captured, processed + dropped)
        return captured

    def test_what_is_said_comes_while_it_is_said(self):
        output, errors = self.finish(self.start("--input", KENNEDY, "--format", "json"))
        events = [json.loads(line) for line in output.splitlines()]
        finals = [event for event in events if event["type"] == "final"]
        partials = [event for event in events if event["type"] == "partial"]
        said = words(" ".join(event["text"] for event in finals))
        self.assertIn("fellow", said)
        self.assertEqual(said[-len("ask what you can do for your country".split()):],
                         words("ask what you can do for your country"))
        self.assertGreater(len(partials), 3)
        self.assertEqual(events[-1]["type"], "final")
        for before, after in zip(finals, finals[1:]):
            self.assertLessEqual(before["end"], after["start"] + 0.001)
        for event in finals + partials:
            self.assertLess(event["latency"], 20)
            self.assertLessEqual(event["end"], 11.1)
        self.assertEqual(self.check_accounts(errors), 176000)

    def test_files_are_whole_up_to_the_last_final_at_any_moment(self):
        draw = random.Random(1)
        readers = {"srt": read_srt, "vtt": read_vtt,
                   "json": lambda text: [json.loads(line) for line in text.splitlines()], "text": str.splitlines}
        for number, code in ((signal.SIGKILL, -9), (signal.SIGINT, 130)):
            for form, read in readers.items():
                with self.subTest(form=form, signal=number):
                    file = self.folder / f"captions.{form}"
                    process = self.start("--input", KENNEDY, "--format", form, "-o", file)
                    time.sleep(draw.uniform(1, 12))
                    ended = process.poll() is not None
                    process.send_signal(number)
                    output, errors = self.finish(process, 0 if ended else code)
                    finals = [line for line in output.splitlines() if line]
                    captions = read(file.read_text()) if file.exists() else []
                    if number == signal.SIGKILL:
                        self.assertGreaterEqual(len(captions), len(finals))
                    else:
                        self.assertEqual(len(captions), len(finals))
                    self.assertNotIn("\033", output)

    def test_the_first_interrupt_writes_what_was_said_and_ends_soon(self):
        process = self.start("--input", KENNEDY, "--format", "json")
        for line in process.stdout:
            if json.loads(line)["type"] == "partial":
                break
        process.send_signal(signal.SIGINT)
        begun = time.monotonic()
        output, errors = self.finish(process, 130)
        self.assertLess(time.monotonic() - begun, 10)  # 2 s on a machine that does nothing else
        self.assertEqual([json.loads(line)["type"] for line in output.splitlines()][-1], "final")
        self.check_accounts(errors)

    def test_a_reader_that_stalls_has_every_final_afterwards(self):
        process = self.start("--input", KENNEDY, "--format", "json")
        process.send_signal(signal.SIGSTOP)  # and so does the whole program, for a while
        time.sleep(2)
        process.send_signal(signal.SIGCONT)
        process.stdout.readline()
        time.sleep(12)  # nobody reads
        output, errors = self.finish(process)
        finals = [json.loads(line) for line in output.splitlines() if json.loads(line)["type"] == "final"]
        self.assertIn("country", words(finals[-1]["text"]))
        self.check_accounts(errors)

    def test_several_streams_share_one_model(self):
        output, _ = self.finish(self.start("--input", KENNEDY, "--input", "./" + KENNEDY, "--format", "json"))
        for name in (KENNEDY, "./" + KENNEDY):
            said = [json.loads(line) for line in output.splitlines()]
            text = " ".join(event["text"] for event in said if event["type"] == "final" and event["input"] == name)
            self.assertIn("country", words(text), name)


if __name__ == "__main__":
    unittest.main()
