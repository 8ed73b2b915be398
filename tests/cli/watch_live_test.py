"""millrace watch for longer: a camera that stalls, freezes, goes away and comes back; signals at random moments; a window on
a display without a screen, looked at through the display's memory."""
import json
import os
import pathlib
import random
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from films import avi
from mjpeg import Camera, jpeg, moving_picture
from watch_test import ACCOUNT, MILLRACE, MODELS, pictures_of, watch


class Run:
    """A run of the command whose lines are read as they come, with the time they came at."""

    def __init__(self, arguments, **options):
        self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
        self.out, self.errors = [], []
        self.readers = [threading.Thread(target=self.read, args=pair)
                        for pair in ((self.process.stdout, self.out), (self.process.stderr, self.errors))]
        for reader in self.readers:
            reader.start()

    def read(self, pipe, lines):
        for line in pipe:
            lines.append((time.monotonic(), line))
        pipe.close()

    def wait_for(self, condition, seconds):
        end = time.monotonic() + seconds
        while not condition() and time.monotonic() < end:
            time.sleep(0.02)
        return condition()

    def end(self, number=signal.SIGINT):
        """The exit code, and how long it took."""
        asked = time.monotonic()
        self.process.send_signal(number)
        code = self.process.wait(timeout=30)
        for reader in self.readers:
            reader.join()
        return code, time.monotonic() - asked

    def said(self, words):
        return next((at for at, line in self.errors if words in line), None)


class LiveCamera(unittest.TestCase):
    def test_faults_of_the_camera_are_told_and_survived(self):
        camera = Camera(rate=20)
        self.addCleanup(camera.close)
        run = Run(watch("--device", camera.address, "--format", "json", "--top-k", 1))
        self.addCleanup(run.process.kill)
        self.assertTrue(run.wait_for(lambda: len(run.out) > 20, 20))

        def fault(begin, end, words):
            begun = time.monotonic()
            begin()
            self.assertTrue(run.wait_for(lambda: run.said(words), 3), words)
            self.assertLess(run.said(words) - begun, 1.2)
            time.sleep(1)
            lines = len(run.out)
            end()
            self.assertTrue(run.wait_for(lambda: len(run.out) > lines + 20, 10), "it did not go on")

        def mode(name):
            return lambda: setattr(camera, "mode", name)
        fault(mode("stall"), mode("play"), "no pictures come")
        fault(mode("freeze"), mode("play"), "the picture has frozen")
        fault(camera.go_away, camera.come_back, "the camera was lost")
        code, seconds = run.end()
        self.assertEqual(code, 130)
        self.assertLess(seconds, 2)
        lines = [json.loads(line) for _, line in run.out]
        gaps = [line for line in lines if "gap" in line]
        self.assertEqual([gap["why"].split(":")[0] for gap in gaps],
                         ["no pictures come", "the picture has frozen", "the camera was lost"])
        for gap in gaps:
            self.assertGreater(gap["gap"], 1.5)
            self.assertLess(gap["gap"], 6)
        results = [line for line in lines if "predictions" in line]
        times = [line["time"] for line in results]
        self.assertEqual(times, sorted(set(times)))
        for gap in (gaps[0], gaps[2]):
            self.assertFalse([t for t in times if gap["time"] + 0.01 < t < gap["time"] + gap["gap"] - 0.01])
        errors = "".join(line for _, line in run.errors)
        self.assertEqual(len(errors.splitlines()), 7, errors)  # each fault once, each return once, and the account
        captured, processed, dropped = map(int, re.search(ACCOUNT, errors).groups())
        self.assertEqual(captured, processed + dropped)
        self.assertEqual(processed, len(results))
        self.assertGreater(captured, 80)

    def test_a_signal_ends_it_while_the_camera_is_away(self):
        camera = Camera()
        self.addCleanup(camera.close)
        for trouble in ("stall", "away"):
            run = Run(watch("--device", camera.address, "--format", "json"))
            self.addCleanup(run.process.kill)
            self.assertTrue(run.wait_for(lambda: len(run.out) > 5, 20))
            camera.go_away() if trouble == "away" else setattr(camera, "mode", "stall")
            time.sleep(1.5)
            code, seconds = run.end()
            self.assertEqual(code, 130)
            self.assertLess(seconds, 2)
            last = json.loads(run.out[-1][1])
            self.assertGreater(last["gap"], 1)
            camera.mode = "play"

    def test_signals_at_random_moments_leave_whole_films(self):
        seed = random.randrange(1 << 30)
        chance = random.Random(seed)
        camera = Camera(rate=30)
        self.addCleanup(camera.close)
        for _ in range(12):
            with tempfile.TemporaryDirectory() as folder, self.subTest(seed=seed):
                record = pathlib.Path(folder) / "seen.mp4"
                run = Run(watch("--device", camera.address, "--format", "json", "--record", record))
                time.sleep(chance.uniform(0.05, 3))
                code, seconds = run.end(chance.choice((signal.SIGINT, signal.SIGTERM)))
                self.assertIn(code, (130, 143, -signal.SIGINT, -signal.SIGTERM))
                self.assertLess(seconds, 2)
                for _, line in run.out:
                    json.loads(line)
                if any('"predictions"' in line for _, line in run.out):
                    self.assertTrue(pictures_of(record))
                if code > 0:
                    self.assertIn(os.listdir(folder), ([], ["seen.mp4"]))


class Screen:
    """Xvfb, whose memory is a file in XWD's format."""

    def __init__(self, folder):
        self.file = pathlib.Path(folder) / "Xvfb_screen0"
        reading, writing = os.pipe()
        self.process = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writing), "-screen", "0", "800x600x24", "-fbdir", folder, "-nolisten", "tcp"],
            pass_fds=[writing], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(writing)
        with os.fdopen(reading) as numbers:
            self.display = ":" + numbers.readline().strip()

    def picture(self):
        """(width, height, levels of red, green and blue at x, y)."""
        data = self.file.read_bytes()
        header = struct.unpack(">25I", data[:100])
        width, height, line, colours = header[4], header[5], header[12], header[19]
        start = header[0] + 12 * colours
        return width, height, lambda x, y: tuple(data[start + y * line + 4 * x + i] for i in (2, 1, 0))

    def close(self):
        self.process.kill()
        self.process.wait()


def coloured_picture(number):
    """Red and blue halves, with a little that moves."""
    return jpeg([[(80 + (number + x) % 8, 90, 230) if x < 30 else (60, 220, 100) for x in range(60)] for _ in range(40)])


@unittest.skipUnless(shutil.which("Xvfb"), "no Xvfb")
class Window(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.screen = Screen(folder.name)
        self.addCleanup(self.screen.close)
        self.environment = {**os.environ, "DISPLAY": self.screen.display}

    def start(self, *arguments, **environment):
        film = self.folder / "film.avi"
        film.write_bytes(avi([coloured_picture(i) for i in range(400)], rate=20))
        return Run([MILLRACE, "watch", "--model", MODELS / "vit", "--input", film, "--format", "json", *arguments],
                   env={**self.environment, **environment})

    def counts(self):
        """Pixels that are red, and blue, and the overlay's bars."""
        width, height, at = self.screen.picture()
        pixels = [at(x, y) for y in range(0, height, 3) for x in range(0, width, 3)]
        return (sum(r > 150 and g < 90 and b < 90 for r, g, b in pixels),
                sum(b > 150 and r < 90 and g < 90 for r, g, b in pixels))

    def test_a_window_shows_what_is_seen(self):
        run = self.start()
        self.addCleanup(run.process.kill)
        self.assertTrue(run.wait_for(lambda: min(self.counts()) > 3000, 20), self.counts())
        code, seconds = run.end()
        self.assertEqual(code, 130)
        self.assertLess(seconds, 2)
        errors = "".join(line for _, line in run.errors)
        self.assertRegex(errors, f"^{ACCOUNT}$", "windows say something of their own")

    @unittest.skipUnless(shutil.which("xdotool"), "no xdotool")
    def test_q_closes_it_and_ends_the_run(self):
        run = self.start("--record", self.folder / "seen.mp4")
        self.addCleanup(run.process.kill)
        self.assertTrue(run.wait_for(lambda: min(self.counts()) > 3000, 20))
        subprocess.run(["xdotool", "mousemove", "100", "100", "key", "q"], env=self.environment, check=True)
        self.assertEqual(run.process.wait(timeout=5), 0)
        self.assertTrue(pictures_of(self.folder / "seen.mp4"))

    def test_a_display_that_does_not_answer_is_no_display(self):
        run = self.start("--window", DISPLAY=":77")
        self.assertEqual(run.process.wait(timeout=20), 6)
        self.assertTrue(run.wait_for(lambda: run.said("there is no display"), 5))
        run = self.start(DISPLAY=":77")
        self.addCleanup(run.process.kill)
        self.assertTrue(run.wait_for(lambda: len(run.out) > 3, 20))
        self.assertEqual(run.end()[0], 130)


if __name__ == "__main__":
    unittest.main()
