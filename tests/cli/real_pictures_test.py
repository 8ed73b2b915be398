"""millrace classify with its default model, EfficientNet-Lite0 from the catalogue. The scores are timm 1.0's for the same
weights (tf_efficientnet_lite0, its transform for evaluation)."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from films import avi
from mjpeg import jpeg
from png import read_png

MILLRACE = os.environ["MILLRACE"]
EXPECTED = {"samples/chelsea.png": [("tiger cat", 0.392807), ("Egyptian cat", 0.356315), ("tabby, tabby cat", 0.169532)],
            "samples/coffee.png": [("espresso", 0.951414), ("cup", 0.015112), ("consomme", 0.007478)]}


def block_jpeg(path, step=2):
    """The picture with a block for every other pixel."""
    def ycc(r, g, b):
        return (round(0.299 * r + 0.587 * g + 0.114 * b), round(128 - 0.168736 * r - 0.331264 * g + 0.5 * b),
                round(128 + 0.5 * r - 0.418688 * g - 0.081312 * b))
    rows = read_png(pathlib.Path(path).read_bytes())[3]
    return jpeg([[ycc(*pixel) for pixel in row[::step]] for row in rows[::step]])


class RealPictures(unittest.TestCase):
    def classify(self, *arguments):
        done = subprocess.run([MILLRACE, "classify", "--format", "json", "--top-k", "3", *arguments, *EXPECTED],
                              capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def test_float32_gives_what_timm_gives(self):
        for line in self.classify():
            for found, (label, score) in zip(line["predictions"], EXPECTED[line["file"]], strict=True):
                self.assertEqual(found["label"], label)
                self.assertAlmostEqual(found["score"], score, delta=1e-5)

    def test_cheaper_weights_see_the_same(self):
        for weights in ("bfloat16", "int8"):
            for line in self.classify("--weights", weights):
                self.assertEqual(line["predictions"][0]["label"], EXPECTED[line["file"]][0][0], weights)

    def test_a_live_film_is_seen(self):
        coffee = block_jpeg("samples/coffee.png")
        with tempfile.TemporaryDirectory() as folder:
            film = pathlib.Path(folder) / "film.avi"
            film.write_bytes(avi([coffee] * 6, rate=3))
            done = subprocess.run([MILLRACE, "watch", "--no-window", "--format", "json", "--input", film],
                                  capture_output=True, text=True, timeout=300)
            self.assertEqual(done.returncode, 0, done.stderr)
            lines = [json.loads(line) for line in done.stdout.splitlines()]
            self.assertGreater(len(lines), 1)
            for line in lines:
                self.assertEqual(line["predictions"][0]["label"], "espresso")
                self.assertEqual(len(line["predictions"]), 5)


if __name__ == "__main__":
    unittest.main()
