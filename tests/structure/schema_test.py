"""docs/pipeline.schema.json accepts the pipelines that ship and refuses what it should. Needs the Python packages yaml and
jsonschema, which the program does not: skipped without them."""

import copy
import json
import unittest
from pathlib import Path

try:
    import jsonschema
    import yaml
except ImportError:
    jsonschema = None

ROOT = Path(__file__).resolve().parents[2]


@unittest.skipIf(jsonschema is None, "no jsonschema here")
class PipelineSchema(unittest.TestCase):
    def setUp(self):
        schema = json.loads((ROOT / "docs/pipeline.schema.json").read_text())
        jsonschema.Draft202012Validator.check_schema(schema)
        self.validator = jsonschema.Draft202012Validator(schema)
        self.asr = yaml.safe_load((ROOT / "pipelines/asr.yaml").read_text())

    def faults(self, pipeline):
        return [error.message for error in self.validator.iter_errors(pipeline)]

    def test_accepts_what_ships(self):
        for path in (ROOT / "pipelines").glob("*.yaml"):
            with self.subTest(path.name):
                self.assertEqual(self.faults(yaml.safe_load(path.read_text())), [])

    def test_refuses_what_the_check_refuses(self):
        def changed(change):
            pipeline = copy.deepcopy(self.asr)
            change(pipeline)
            return self.faults(pipeline)

        nodes = lambda pipeline: pipeline["nodes"]
        for name, change in {
            "unknown parameter": lambda p: nodes(p)["text"].update(beam_sise=3),
            "wrong type": lambda p: nodes(p)["windows"].update(seconds="many"),
            "out of range": lambda p: nodes(p)["text"].update(beam_size=0),
            "missing input": lambda p: nodes(p)["speech"].update(inputs={}),
            "unknown key": lambda p: p.update(node={}),
            "no port": lambda p: p["outputs"].update(segment="text"),
            "no name": lambda p: p.pop("name"),
        }.items():
            with self.subTest(name):
                self.assertEqual(len(changed(change)), 1)

    def test_lets_a_node_be_a_pipeline(self):
        pipeline = {"name": "x", "nodes": {"all": {"type": "asr", "inputs": {"input": "$input"}, "language": "en"}}}
        self.assertEqual(self.faults(pipeline), [])


if __name__ == "__main__":
    unittest.main()
