"""millrace classify with its default model, EfficientNet-Lite0 from the catalogue. The scores are timm 1.0's for the same
weights (tf_efficientnet_lite0, its transform for evaluation)."""
import json
import os
import subprocess
import unittest

MILLRACE = os.environ["MILLRACE"]
EXPECTED = {"samples/chelsea.png": [("tiger cat", 0.392807), ("Egyptian cat", 0.356315), ("tabby, tabby cat", 0.169532)],
            "samples/coffee.png": [("espresso", 0.951414), ("cup", 0.015112), ("consomme", 0.007478)]}


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


if __name__ == "__main__":
    unittest.main()
