"""millrace detect on a tiny model with random weights: against transformers' boxes, and what it draws."""
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
from png import read_png

MILLRACE = os.environ["MILLRACE"]
VISION = pathlib.Path("tests/golden/vision")
SAMPLES = pathlib.Path("samples")
JPEG = pathlib.Path("tests/golden/preprocess/pictures/baseline.jpg")
EXPECTED = json.loads((VISION / "detected" / "detected.json").read_text())


def run(*arguments, model=VISION / "detected"):
    return subprocess.run([MILLRACE, "detect", "--model", str(model), *map(str, arguments)], capture_output=True,
                          text=True, timeout=60)


class Detect(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name)

    def check(self, objects, name, threshold=0.0):
        wanted = [one for one in EXPECTED[name] if one["score"] > threshold]
        self.assertEqual([one["label"] for one in objects], [one["label"] for one in wanted])
        for one, other in zip(objects, wanted):
            self.assertAlmostEqual(one["score"], other["score"], delta=2e-5)
            for edge, value in zip(("xmin", "ymin", "xmax", "ymax"), other["box"]):
                self.assertAlmostEqual(one["box"][edge], value, delta=0.02)

    def test_boxes_are_those_of_transformers(self):
        done = run("--threshold", 0, "--format", "json", SAMPLES)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([line["file"] for line in lines], ["samples/chelsea.png", "samples/coffee.png"])
        for line in lines:
            self.check(line["objects"], pathlib.Path(line["file"]).name)

    def test_the_threshold_leaves_out_the_unlikely(self):
        scores = [one["score"] for one in EXPECTED["coffee.png"]]
        threshold = (scores[0] + scores[1]) / 2
        done = run("--threshold", threshold, "--format", "json", SAMPLES / "coffee.png")
        self.check(json.loads(done.stdout)["objects"], "coffee.png", threshold)
        self.assertEqual(run("--threshold", 1, SAMPLES / "coffee.png").stdout, "")
        self.assertEqual(json.loads(run("--threshold", 1, "--format", "json", SAMPLES / "coffee.png").stdout)["objects"], [])
        self.assertEqual(run("--threshold", 1.5, SAMPLES / "coffee.png").returncode, 2)

    def test_text_has_a_box_a_line(self):
        done = run("--threshold", 0, SAMPLES / "coffee.png")
        for line, one in zip(done.stdout.splitlines(), EXPECTED["coffee.png"], strict=True):
            box = " ".join(f"{edge:.0f}" for edge in one["box"])
            self.assertEqual(line, f"{one['score'] * 100:5.1f} %  {one['label']}  {box}")

    def test_boxes_are_drawn_on_the_picture(self):
        done = run("--threshold", 0, "-o", self.path, SAMPLES / "coffee.png")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual([file.name for file in self.path.iterdir()], ["coffee.boxes.png"])
        picture = read_png((SAMPLES / "coffee.png").read_bytes())
        drawn = read_png((self.path / "coffee.boxes.png").read_bytes())
        self.assertEqual(drawn[:3], picture[:3])
        changed = sum(a != b for row, other in zip(picture[3], drawn[3]) for a, b in zip(row, other))
        self.assertGreater(changed, 1000)
        self.assertLess(changed, picture[0] * picture[1] / 4)
        run("--threshold", 1, "-o", self.path, SAMPLES / "coffee.png")
        self.assertEqual(read_png((self.path / "coffee.boxes.png").read_bytes())[3], picture[3])

    def test_a_bad_picture_fails_alone(self):
        (self.path / "in").mkdir()
        shutil.copy(SAMPLES / "coffee.png", self.path / "in" / "a.png")
        (self.path / "in" / "b.png").write_bytes(b"no picture")
        done = run("--threshold", 0, "--format", "json", "-o", self.path / "out", self.path / "in")
        self.assertEqual(done.returncode, 1)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.check(lines[0]["objects"], "coffee.png")
        self.assertIn("is no picture", lines[1]["error"])
        self.assertEqual([file.name for file in (self.path / "out").iterdir()], ["a.boxes.png"])

    def test_a_film_has_a_line_a_picture(self):
        film = self.path / "film.avi"
        film.write_bytes(avi([JPEG.read_bytes()] * 3, rate=2))
        done = run("--threshold", 0, "-o", self.path / "out", film)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual([line[:11] for line in done.stdout.splitlines()], ["    0.000 s", "    0.500 s", "    1.000 s"])
        self.assertEqual(len(list((self.path / "out").iterdir())), 3)

    def test_a_model_without_boxes_is_refused(self):
        for name in ("vit", "segmented"):
            done = run(SAMPLES / "coffee.png", model=VISION / name)
            self.assertEqual(done.returncode, 4)
            self.assertIn("does not detect objects", done.stderr)

    def test_models_of_boxes_neither_classify_nor_segment(self):
        for command in ("classify", "segment"):
            done = subprocess.run([MILLRACE, command, "--model", str(VISION / "detected"), "samples/coffee.png"],
                                  capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 4, done.stderr)


if __name__ == "__main__":
    unittest.main()
