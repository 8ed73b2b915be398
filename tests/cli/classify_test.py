"""millrace classify on a tiny model with random weights, and on files that are no pictures."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from films import avi

MILLRACE = os.environ["MILLRACE"]
MODEL = pathlib.Path("tests/golden/vision/vit")
SAMPLES = pathlib.Path("samples")
JPEG = pathlib.Path("tests/golden/preprocess/pictures/baseline.jpg")
EXPECTED = json.loads(pathlib.Path("tests/golden/vision/classified.json").read_text())


def run(*arguments):
    return subprocess.run([MILLRACE, "classify", "--model", str(MODEL), *map(str, arguments)], capture_output=True,
                          text=True, timeout=60)


class Classify(unittest.TestCase):
    def check(self, predictions, name):
        self.assertEqual([found["label"] for found in predictions], [wanted["label"] for wanted in EXPECTED[name]])
        for found, wanted in zip(predictions, EXPECTED[name]):
            self.assertAlmostEqual(found["score"], wanted["score"], delta=2e-5)

    def test_a_folder_gives_a_line_for_each_picture_in_order(self):
        done = run("--format", "json", SAMPLES)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr, "")
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([line["file"] for line in lines], ["samples/chelsea.png", "samples/coffee.png"])
        for line in lines:
            self.check(line["predictions"], pathlib.Path(line["file"]).name)

    def test_text_has_a_label_a_line(self):
        done = run("--top-k", 2, SAMPLES / "coffee.png")
        best = EXPECTED["coffee.png"]
        self.assertEqual(done.stdout, "".join(f"{one['score'] * 100:5.1f} %  {one['label']}\n" for one in best[:2]))

    def test_a_bad_picture_fails_alone(self):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            for name in ("a.png", "c.png"):
                shutil.copy(SAMPLES / "coffee.png", folder / name)
            (folder / "b.png").write_bytes((SAMPLES / "coffee.png").read_bytes()[:5000])
            done = run("--format", "json", folder)
            self.assertEqual(done.returncode, 1)
            lines = [json.loads(line) for line in done.stdout.splitlines()]
            self.assertEqual([pathlib.Path(line["file"]).name for line in lines], ["a.png", "b.png", "c.png"])
            self.check(lines[0]["predictions"], "coffee.png")
            self.check(lines[2]["predictions"], "coffee.png")
            self.assertIn("damaged PNG file: it is cut short", lines[1]["error"])

    def test_the_only_picture_fails_with_the_code_of_bad_input(self):
        self.assertEqual(run("README.md").returncode, 5)
        self.assertEqual(run("no/such/file.png").returncode, 6)
        with tempfile.TemporaryDirectory() as folder:
            done = run(folder)
            self.assertEqual(done.returncode, 5)
            self.assertIn("holds no pictures", done.stderr)

    def test_a_film_has_a_line_a_picture(self):
        with tempfile.TemporaryDirectory() as folder:
            film = pathlib.Path(folder) / "film.avi"
            film.write_bytes(avi([JPEG.read_bytes()] * 20, rate=10))
            lines = run("--top-k", 2, film).stdout.splitlines()
            self.assertEqual(len(lines), 20)
            for i, line in enumerate(lines):
                self.assertRegex(line, rf"^ +{i / 10:.3f} s  [ 0-9.]+ %  [a-z ]+, [ 0-9.]+ %  [a-z ]+$")
            done = run("--format", "json", "--every", 1, film, SAMPLES / "coffee.png")
            lines = [json.loads(line) for line in done.stdout.splitlines()]
            self.assertEqual([line.get("time") for line in lines], [0, 1, None])
            self.check(lines[2]["predictions"], "coffee.png")

    def test_a_film_that_is_cut_short_is_told_of_after_its_pictures(self):
        with tempfile.TemporaryDirectory() as folder:
            film = pathlib.Path(folder) / "film.avi"
            whole = avi([JPEG.read_bytes()] * 20, rate=10)
            film.write_bytes(whole[:len(whole) // 2])
            done = run("--top-k", 1, film)
            self.assertEqual(done.returncode, 5)
            self.assertIn("is cut short", done.stderr)
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
            self.assertGreater(len(done.stdout.splitlines()), 5)
            self.assertLess(len(done.stdout.splitlines()), 12)
            done = run("--format", "json", film, SAMPLES / "coffee.png")
            lines = [json.loads(line) for line in done.stdout.splitlines()]
            self.assertEqual(done.returncode, 1)
            self.assertIn("is cut short", lines[-2]["error"])
            self.check(lines[-1]["predictions"], "coffee.png")


if __name__ == "__main__":
    unittest.main()
