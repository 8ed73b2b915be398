"""millrace classify --labels on tiny models of pictures and texts with random weights."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

MILLRACE = os.environ["MILLRACE"]
MODELS = pathlib.Path("tests/golden/vision")
EXPECTED = json.loads((MODELS / "zero_shot.json").read_text())
PICTURES = ["samples/chelsea.png", "samples/coffee.png"]


def run(model, *arguments):
    return subprocess.run([MILLRACE, "classify", "--model", str(MODELS.absolute() / model), *map(str, arguments)],
                          capture_output=True, text=True, timeout=60)


class ZeroShot(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.labels = pathlib.Path(self.folder.name) / "labels.txt"
        self.labels.write_text("\r\n\n".join(EXPECTED["labels"]))

    def tearDown(self):
        self.folder.cleanup()

    def test_scores_are_those_of_transformers(self):
        for model in ("clip", "siglip"):
            for batch in (1, 2):
                done = run(model, "--labels", f"@{self.labels}", "--prompt", EXPECTED["prompt"], "--format", "json",
                           "--batch-size", batch, *PICTURES)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                for path, line in zip(PICTURES, done.stdout.splitlines(), strict=True):
                    line = json.loads(line)
                    self.assertEqual(line["file"], path)
                    wanted = EXPECTED[model][pathlib.Path(path).name]
                    self.assertEqual([one["label"] for one in line["predictions"]], [one["label"] for one in wanted])
                    for one, other in zip(line["predictions"], wanted):
                        self.assertAlmostEqual(one["score"], other["score"], delta=2e-5)

    def test_labels_are_told_of_as_text(self):
        done = run("clip", "--labels", "otter, cat", "--top-k", "1", PICTURES[0])
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"^ *\d+\.\d %  (cat|otter)\n$")

    def test_the_prompt_counts(self):
        one, other = (run("siglip", "--labels", "otter,cat", "--format", "json", "--prompt", prompt, PICTURES[0]).stdout
                      for prompt in ("a photo of a {}", "{}"))
        self.assertNotEqual(one, other)

    def prepared(self, model):
        """The model's folder with clip's image processor."""
        folder = pathlib.Path(self.folder.name) / model
        shutil.copytree(MODELS / model, folder)
        shutil.copy(MODELS / "clip" / "processor_config.json", folder)
        return folder

    def test_weights_that_are_missing_are_named(self):
        for model, tensor in (("clip", "vision_model.pre_layrnorm.weight"), ("clip", "vision_model.post_layernorm.weight"),
                              ("clip", "visual_projection.weight"), ("clip", "logit_scale"), ("siglip", "logit_bias"),
                              ("siglip", "vision_model.head.probe"), ("siglip", "text_model.head.weight")):
            with tempfile.TemporaryDirectory() as folder:
                copy = pathlib.Path(folder) / model
                shutil.copytree(MODELS / model, copy)
                weights = copy / "model.safetensors"
                other = tensor[:-1] + "_"
                weights.write_bytes(weights.read_bytes().replace(f'"{tensor}"'.encode(), f'"{other}"'.encode()))
                done = run(copy, "--labels", "cat, dog", PICTURES[0])
                self.assertEqual(done.returncode, 4, f"{tensor}: {done.stderr}")
                self.assertIn(f"'{tensor}'", done.stderr)

    def test_what_cannot_be_is_said(self):
        for arguments, code, words in (
                (("clip",), 4, 'has no labels of its own: say which there are, as in `millrace classify --labels'),
                (("vit", "--labels", "cat, dog"), 4, "does not compare pictures with texts: it has labels of its own"),
                ((self.prepared("siglip_vision"), "--labels", "cat, dog"), 4, "does not compare pictures with texts: CLIP and SigLIP do"),
                ((self.prepared("clip_highest"), "--labels", "cat"), 4, "has no tokenizer, without which labels cannot be read"),
                (("clip", "--labels", "cat", "--prompt", "a photo"), 3, "the prompt 'a photo' has no place {}"),
                (("clip", "--labels", ","), 3, "no labels to choose from"),
                (("clip", "--labels", "@no/such/file"), 6, "no/such/file"),
                (("clip", "--prompt", "a {}"), 2, "--labels")):
            done = run(arguments[0], *arguments[1:], PICTURES[0])
            self.assertEqual(done.returncode, code, f"{arguments}: {done.stderr}")
            self.assertIn(words, done.stderr)
            self.assertEqual(done.stdout, "")


if __name__ == "__main__":
    unittest.main()
