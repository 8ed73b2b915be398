"""millrace watch on films in real time and on cameras that are not there, with a tiny model of random weights."""
import json
import os
import pathlib
import pty
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from films import avi
from mjpeg import Camera, moving_picture

MILLRACE = os.environ["MILLRACE"]
MODELS = pathlib.Path("tests/golden/vision")
ACCOUNT = r"millrace: .*: (\d+) pictures captured, (\d+) processed, (\d+) dropped; median latency \d+ ms\n"


def watch(*arguments, model="vit"):
    return [MILLRACE, "watch", "--no-window", "--model", str(MODELS / model), *map(str, arguments)]


def run(*arguments, **options):
    return subprocess.run(watch(*arguments, **options), capture_output=True, text=True, timeout=60)


def pictures_of(film):
    """How many a film has, read by the command itself, which refuses films that are not whole."""
    done = subprocess.run([MILLRACE, "classify", "--model", MODELS / "vit", "--format", "json", film],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return [json.loads(line)["time"] for line in done.stdout.splitlines()]


class Watch(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def film(self, pictures, rate=10):
        path = self.folder / "film.avi"
        path.write_bytes(avi([moving_picture(i) for i in range(pictures)], rate))
        return path

    def account(self, errors, lines):
        """Every picture is accounted for."""
        captured, processed, dropped = map(int, re.search(ACCOUNT, errors).groups())
        self.assertEqual(captured, processed + dropped)
        self.assertEqual(processed, lines)
        return captured

    def test_a_film_is_played_in_its_own_time(self):
        begun = time.monotonic()
        done = run("--input", self.film(15), "--format", "json", "--top-k", 2)
        self.assertGreater(time.monotonic() - begun, 1.4)
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(self.account(done.stderr, len(lines)), 15)
        self.assertGreater(len(lines), 3)
        times = [line["time"] for line in lines]
        self.assertEqual(times, sorted(set(times)))
        self.assertEqual(times[-1], 1.4)
        for line in lines:
            self.assertEqual(list(line), ["time", "predictions", "latency"])
            self.assertEqual(len(line["predictions"]), 2)
            self.assertAlmostEqual(line["time"] * 10, round(line["time"] * 10), places=3)
            self.assertGreaterEqual(line["latency"], 0)

    def test_text_has_a_line_a_picture(self):
        done = run("--input", self.film(5), "--top-k", 1)
        for line in done.stdout.splitlines():
            self.assertRegex(line, r"^ +\d+\.\d{3} s +\d+ ms  [ 0-9.]+ %  [a-z ]+$")

    def test_smoothed_scores_change_less(self):
        film = self.film(15)

        def steps(*arguments):
            lines = [json.loads(line) for line in run("--input", film, "--format", "json", *arguments).stdout.splitlines()]
            scores = [{one["label"]: one["score"] for one in line["predictions"]} for line in lines]
            return max(abs(after.get(label, 0) - score) for before, after in zip(scores, scores[1:])
                       for label, score in before.items())
        self.assertLess(steps("--smooth", 5), steps() / 2)

    def test_detection_tells_of_objects(self):
        done = run("--input", self.film(5), "--format", "json", "--detect", "--threshold", 0.01, model="detected")
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.account(done.stderr, len(lines))
        self.assertEqual(list(lines[0]), ["time", "objects", "latency"])

    def test_labels_of_ones_own(self):
        done = run("--input", self.film(5), "--format", "json", "--labels", "cat, dog", model="clip")
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.account(done.stderr, len(lines))
        for line in lines:
            self.assertEqual({one["label"] for one in line["predictions"]}, {"cat", "dog"})
            self.assertAlmostEqual(sum(one["score"] for one in line["predictions"]), 1, places=4)

    def test_a_terminal_has_one_line_that_rewrites_itself(self):
        terminal, theirs = pty.openpty()
        process = subprocess.Popen(watch("--input", self.film(10), "--top-k", 1), stdout=theirs, stderr=theirs)
        os.close(theirs)
        written = b""
        try:
            while part := os.read(terminal, 65536):
                written += part
        except OSError:
            pass  # the other end is closed
        os.close(terminal)
        self.assertEqual(process.wait(timeout=20), 0)
        self.assertGreater(written.count(b"\x1b[K\r"), 2)
        self.assertRegex(written, rb"0\.\d00 s +\d+ ms  [ 0-9.]+ %  [a-z ]+\x1b\[K\r")
        self.assertEqual(written.count(b"\n"), 1, "the account alone")

    def test_what_was_seen_is_recorded(self):
        record = self.folder / "seen.mp4"
        done = run("--input", self.film(15), "--record", record)
        self.assertEqual(done.returncode, 0, done.stderr)
        times = pictures_of(record)
        self.assertGreater(times[-1], 1.2)
        self.assertLess(times[-1], 1.6)
        self.assertEqual(sorted(os.listdir(self.folder)), ["film.avi", "seen.mp4"])

    def test_the_first_signal_ends_it_within_two_seconds_and_keeps_the_record(self):
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            with self.subTest(number):
                record = self.folder / f"{code}.mkv"
                process = subprocess.Popen(watch("--input", self.film(300), "--format", "json", "--record", record),
                                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                self.addCleanup(process.kill)
                first = [process.stdout.readline() for _ in range(3)]
                asked = time.monotonic()
                process.send_signal(number)
                output, errors = process.communicate(timeout=20)
                self.assertLess(time.monotonic() - asked, 2)
                self.assertEqual(process.returncode, code, errors)
                lines = [json.loads(line) for line in first + output.splitlines()]
                self.account(errors, len(lines))
                self.assertGreaterEqual(len(pictures_of(record)), 3)
                self.assertEqual(sorted(set(os.listdir(self.folder)) - {"130.mkv", "143.mkv"}), ["film.avi"])

    def test_a_camera_of_the_network(self):
        camera = Camera()
        self.addCleanup(camera.close)
        process = subprocess.Popen(watch("--device", camera.address, "--format", "json", "--fps", 10),
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.kill)
        first = [process.stdout.readline() for _ in range(5)]
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=20)
        self.assertEqual(process.returncode, 130, errors)
        lines = [json.loads(line) for line in first + output.splitlines()]
        times = [line["time"] for line in lines if "predictions" in line]
        self.account(errors, len(times))
        for before, after in zip(times[1:], times[2:]):
            self.assertGreater(after - before, 0.08)

    def test_a_source_that_is_not_there_is_named(self):
        for source, words in (("http://127.0.0.1:9/", "see that the address is right"),
                              ("/dev/video99", "see that it is plugged in")):
            done = run("--device", source)
            self.assertEqual(done.returncode, 6)
            self.assertIn(f"{source}: cannot be opened as a camera: {words}", done.stderr)
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        done = run("--input", "no/such/film.mp4", "--record", self.folder / "seen.mp4")
        self.assertEqual(done.returncode, 6)
        self.assertIn("no/such/film.mp4", done.stderr)
        self.assertEqual(os.listdir(self.folder), [])

    def test_options_that_make_no_sense_are_errors(self):
        film = self.film(2)
        for arguments, words in ((("--record", self.folder / "seen.gif"), "ends in .mp4, .mkv or .avi"),
                                 (("--device", 1), "excludes"), (("--smooth", -1), "--smooth"),
                                 (("--window",), "excludes")):
            done = run("--input", film, *arguments)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(words, done.stderr)
        done = subprocess.run([MILLRACE, "watch", "--detect"], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--detect needs --model", done.stderr)


if __name__ == "__main__":
    unittest.main()
