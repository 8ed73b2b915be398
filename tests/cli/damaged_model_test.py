"""A model whose weights are damaged or do not fit ends the command with code 4 and one line that says which file and, where
one is to blame, which tensor."""
import json
import os
import pathlib
import shutil
import struct
import subprocess
import tempfile
import unittest

MODELS = pathlib.Path("tests/golden/speech").resolve()
WHOLE, SHARDED = MODELS / "heads_of_12", MODELS / "untied_sharded"
INDEX = "model.safetensors.index.json"
SHARD = "model-0000{}-of-00004.safetensors"
EMBEDDING = "model.decoder.embed_tokens.weight"
QUERY = "model.encoder.layers.0.self_attn.q_proj.weight"
CONVOLUTION = "model.encoder.conv1.weight"


def read(path):
    """{name: [type, shape, bytes]} of a safetensors file."""
    raw = path.read_bytes()
    [size] = struct.unpack("<Q", raw[:8])
    header, data = json.loads(raw[8:8 + size]), raw[8 + size:]
    header.pop("__metadata__", None)
    return {name: [t["dtype"], t["shape"], data[slice(*t["data_offsets"])]] for name, t in header.items()}


def write(path, tensors):
    header, offset = {}, 0
    for name, (dtype, shape, data) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [offset, offset + len(data)]}
        offset += len(data)
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(data for _, _, data in tensors.values()))


class DamagedModel(unittest.TestCase):
    def copy_of(self, model):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        copy = pathlib.Path(folder.name, "model")
        shutil.copytree(model, copy)
        return copy

    def error_of(self, folder, *expected):
        """The commands' one line about the model in the folder, which holds all that is expected."""
        for command in (["verify", folder, folder / "reference.safetensors"],
                        ["transcribe", "-q", "--model", folder, "samples/kennedy.wav"]):
            done = subprocess.run([os.environ["MILLRACE"], *command], capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 4, done.stderr)
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
            self.assertTrue(done.stderr.startswith("millrace: error: "), done.stderr)
            for text in expected:
                self.assertIn(text, done.stderr)
            self.assertNotIn("\n{", done.stdout)

    def changed(self, change):
        folder = self.copy_of(WHOLE)
        tensors = read(folder / "model.safetensors")
        change(tensors)
        write(folder / "model.safetensors", tensors)
        return folder

    def index_of(self, folder):
        return json.loads((folder / INDEX).read_text())

    def test_a_shard_that_is_missing(self):
        folder = self.copy_of(SHARDED)
        (folder / SHARD.format(2)).unlink()
        self.error_of(folder, INDEX, SHARD.format(2), "not there")

    def test_shards_that_are_exchanged(self):
        folder = self.copy_of(SHARDED)
        first, second = folder / SHARD.format(1), folder / SHARD.format(2)
        held = first.read_bytes()
        first.write_bytes(second.read_bytes())
        second.write_bytes(held)
        self.error_of(folder, INDEX, "holds the tensor 'model.", SHARD[:8])

    def test_a_shard_of_another_model(self):
        folder = self.copy_of(SHARDED)
        shutil.copy(WHOLE / "model.safetensors", folder / SHARD.format(3))
        self.error_of(folder, SHARD[:8], "the tensor '")

    def test_a_tensor_in_two_shards(self):
        folder = self.copy_of(SHARDED)
        first, second = (read(folder / SHARD.format(i)) for i in (1, 2))
        name = next(iter(first))
        write(folder / SHARD.format(2), second | {name: first[name]})
        self.error_of(folder, SHARD.format(2), f"'{name}'", "another shard")

    def test_a_tensor_that_the_shard_lacks(self):
        folder = self.copy_of(SHARDED)
        tensors = read(folder / SHARD.format(1))
        name, _ = tensors.popitem()
        write(folder / SHARD.format(1), tensors)
        self.error_of(folder, INDEX, SHARD.format(1), f"'{name}'")

    def test_a_shard_that_is_cut_short(self):
        folder = self.copy_of(SHARDED)
        shard = folder / SHARD.format(4)
        shard.write_bytes(shard.read_bytes()[:-5])
        self.error_of(folder, SHARD.format(4), "tensor '", "cut short")

    def test_an_index_that_is_none(self):
        for text, expected in (("", INDEX), ("{", INDEX), ("[]", "weight_map"), ('{"weight_map": {}}', ""),
                               ('{"weight_map": {"a": "../a.safetensors"}}', "'a'"),
                               ('{"weight_map": {"a": 1}}', "'a'"), ('{"weight_map": {"a": "\\u0000"}}', "'a'"),
                               (json.dumps({"weight_map": {"a": "x" * 5000}}), "'a'")):
            with self.subTest(text[:50]):
                folder = self.copy_of(SHARDED)
                (folder / INDEX).write_text(text)
                self.error_of(folder, expected)

    def test_weights_that_are_cut_short(self):
        whole = (WHOLE / "model.safetensors").read_bytes()
        header = 8 + struct.unpack("<Q", whole[:8])[0]
        for size in (0, 7, 8, 100, header - 1, header, header + 1, len(whole) // 2, len(whole) - 1):
            with self.subTest(size):
                folder = self.copy_of(WHOLE)
                (folder / "model.safetensors").write_bytes(whole[:size])
                self.error_of(folder, "model.safetensors", *(["tensor '"] if size >= header else []))

    def test_shapes_that_do_not_fit(self):
        def set_shape(name, shape):
            return lambda tensors: tensors[name].__setitem__(1, shape)
        for name, shape in ((QUERY, [12, 48]), (QUERY, [576]), (QUERY, [24, 24, 1]), (EMBEDDING, [24, 101]),
                            (CONVOLUTION, [80, 24, 3]), (CONVOLUTION, [24, 240]),
                            ("model.encoder.layers.1.fc1.weight", [24, 52]), ("model.decoder.layer_norm.weight", [12, 2])):
            with self.subTest(name=name, shape=shape):
                self.error_of(self.changed(set_shape(name, shape)), "model.safetensors", f"'{name}'")

    def test_a_vocabulary_of_another_size(self):
        def grow(tensors):
            dtype, [rows, columns], data = tensors[EMBEDDING]
            tensors[EMBEDDING] = [dtype, [rows + 1, columns], data + bytes(4 * columns)]
        self.error_of(self.changed(grow), "model.safetensors", f"'{EMBEDDING}'")

    def test_types_that_are_no_weights(self):
        for dtype in ("I32", "U32", "F8_E4M3_OF_TOMORROW"):
            with self.subTest(dtype):
                self.error_of(self.changed(lambda tensors: tensors[QUERY].__setitem__(0, dtype)), "model.safetensors",
                              f"'{QUERY}'", dtype)

    def test_a_type_of_another_size(self):
        self.error_of(self.changed(lambda tensors: tensors[QUERY].__setitem__(0, "F16")), "model.safetensors",
                      f"'{QUERY}'", "F16")

    def test_a_tensor_that_is_missing(self):
        for name in (QUERY, CONVOLUTION, EMBEDDING, "model.decoder.layers.1.encoder_attn.v_proj.weight"):
            with self.subTest(name):
                self.error_of(self.changed(lambda tensors: tensors.pop(name)), "model.safetensors", f"'{name}'")

    def test_paths_that_cannot_be_looked_at(self):
        folder = self.copy_of(WHOLE)
        circle = folder.parent / "circle"
        circle.symlink_to(circle)
        (folder / "tokenizer.json").symlink_to("tokenizer.json")
        for path, reason in ((circle, "Too many levels"), (folder, "tokenizer.json: cannot be looked at: Too many levels"),
                             ("./" + "x" * 5000, "File name too long")):
            with self.subTest(str(path)[:50]):
                done = subprocess.run([os.environ["MILLRACE"], "verify", path, WHOLE / "reference.safetensors"],
                                      capture_output=True, text=True, timeout=60)
                self.assertEqual(done.returncode, 6, done.stderr)
                self.assertIn(reason, done.stderr)
                self.assertEqual(len(done.stderr.splitlines()), 1)
                self.assertLess(len(done.stderr), 500)


if __name__ == "__main__":
    unittest.main()
