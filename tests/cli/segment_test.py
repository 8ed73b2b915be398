"""millrace segment on a tiny model with random weights: against transformers' labels, and what it writes."""
import collections
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
SEGMENTED = VISION / "segmented"
PICTURE = SEGMENTED / "picture.png"
JPEG = pathlib.Path("tests/golden/preprocess/pictures/baseline.jpg")
LABELS = json.loads((SEGMENTED / "config.json").read_text())["id2label"]


def run(*arguments, model=SEGMENTED):
    return subprocess.run([MILLRACE, "segment", "--model", str(model), *map(str, arguments)], capture_output=True,
                          text=True, timeout=60)


def shares_of(rows):
    counts = collections.Counter(level for row in rows for level in row)
    return {LABELS[str(index)]: count / sum(counts.values()) for index, count in counts.items()}


class Segment(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name)

    def check_classes(self, file, expected):
        width, height, bits, rows = read_png(file.read_bytes())
        wanted = read_png((SEGMENTED / expected).read_bytes())
        self.assertEqual((width, height, bits), wanted[:3])
        differing = sum(a != b for row, other in zip(rows, wanted[3]) for a, b in zip(row, other))
        self.assertLessEqual(differing, width * height // 2000)  # where two labels are as good as equal

    def test_labels_are_those_of_transformers(self):
        done = run("-o", self.path, PICTURE)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(sorted(file.name for file in self.path.iterdir()), ["picture.classes.png", "picture.segments.png"])
        self.check_classes(self.path / "picture.classes.png", "classes.png")
        run("-o", self.path, "--no-do-upsample", PICTURE)
        self.check_classes(self.path / "picture.classes.png", "coarse.png")

    def test_shares_are_those_of_the_map(self):
        wanted = shares_of(read_png((SEGMENTED / "classes.png").read_bytes())[3])
        done = run("--format", "json", PICTURE)
        line = json.loads(done.stdout)
        self.assertEqual((line["file"], line["height"], line["width"]), (str(PICTURE), 97, 131))
        self.assertEqual({one["label"] for one in line["segments"]}, set(wanted))
        shares = [one["share"] for one in line["segments"]]
        self.assertEqual(shares, sorted(shares, reverse=True))
        for one in line["segments"]:
            self.assertAlmostEqual(one["share"], wanted[one["label"]], delta=1e-3)
            self.assertEqual(LABELS[str(one["class"])], one["label"])
        text = "".join(f"{one['share'] * 100:5.1f} %  {one['label']}\n" for one in line["segments"])
        self.assertEqual(run(PICTURE).stdout, text)

    def test_the_drawing_holds_the_picture_and_a_legend(self):
        run("-o", self.path, "--opacity", 0, PICTURE)
        picture = read_png(PICTURE.read_bytes())
        drawn = read_png((self.path / "picture.segments.png").read_bytes())
        self.assertGreater(drawn[1], picture[1])
        for row, other in zip(picture[3], drawn[3]):
            self.assertEqual(row, other[:picture[0]])
        run("-o", self.path, "--no-legend", PICTURE)
        drawn = read_png((self.path / "picture.segments.png").read_bytes())
        self.assertEqual(drawn[:2], picture[:2])
        self.assertNotEqual(drawn[3], picture[3])

    def test_a_bad_picture_fails_alone(self):
        (self.path / "in").mkdir()
        for name in ("a.png", "c.png"):
            shutil.copy(PICTURE, self.path / "in" / name)
        (self.path / "in" / "b.png").write_bytes(PICTURE.read_bytes()[:5000])
        done = run("--format", "json", "-o", self.path / "out", self.path / "in")
        self.assertEqual(done.returncode, 1)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([pathlib.Path(line["file"]).name for line in lines], ["a.png", "b.png", "c.png"])
        self.assertIn("cut short", lines[1]["error"])
        self.assertEqual(lines[0]["segments"], lines[2]["segments"])
        self.assertEqual({file.name for file in (self.path / "out").iterdir()},
                         {f"{name}.{kind}.png" for name in "ac" for kind in ("classes", "segments")})

    def test_a_film_has_a_line_a_picture(self):
        film = self.path / "film.avi"
        film.write_bytes(avi([JPEG.read_bytes()] * 5, rate=4))
        done = run("--every", 0.5, "--format", "json", "-o", self.path / "out", film)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual([json.loads(line)["time"] for line in done.stdout.splitlines()], [0, 0.5, 1])
        self.assertEqual({file.name for file in (self.path / "out").iterdir()},
                         {f"film.0000{time}.{kind}.png" for time in ("0.000", "0.500", "1.000")
                          for kind in ("classes", "segments")})

    def test_a_model_without_labels_for_pixels_is_refused(self):
        done = run(PICTURE, model=VISION / "vit")
        self.assertEqual(done.returncode, 4)
        self.assertIn("does not segment pictures", done.stderr)


if __name__ == "__main__":
    unittest.main()
