"""millrace chat about pictures, on tiny models with random weights: what they write is nonsense, and all else is not."""
import base64
import hashlib
import http.server
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import threading
import unittest

from chat_test import Terminal

MILLRACE = os.environ["MILLRACE"]
GOLDEN = pathlib.Path("tests/golden/vision_language")
CHATS = json.loads((GOLDEN / "chats/chats.json").read_text())
CAT, COFFEE = pathlib.Path("samples/chelsea.png"), pathlib.Path("samples/coffee.png")
QUICK = ["--max-new-tokens", "4", "--min-new-tokens", "4"]


def make_model(folder, name, template):
    """One of the golden models with what it needs to converse."""
    for file in ("config.json", "model.safetensors", "preprocessor_config.json"):
        shutil.copy(GOLDEN / name / file, folder)
    for file in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(GOLDEN / "chats" / file, folder)
    templates = json.loads((GOLDEN / "chats/templates.json").read_text())
    (pathlib.Path(folder) / "chat_template.jinja").write_text(templates[template])


def run(*arguments, given=None, environment=None):
    return subprocess.run([MILLRACE, *map(str, arguments)], input=given, capture_output=True, text=True, timeout=120,
                          env=environment or os.environ)


def encodings(trace):
    """How many pictures each call of the encoder saw, and how many of them it encoded."""
    slices = [event["args"] for event in json.loads(pathlib.Path(trace).read_text())
              if event.get("args", {}).get("type") == "model.vision_encoder"]
    return [(one["pictures"], one["encoded"]) for one in slices]


class WithAModel(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.model = self.path("model")
        self.model.mkdir()
        make_model(self.model, "llava", "llava")

    def tearDown(self):
        self.folder.cleanup()

    def path(self, name):
        return pathlib.Path(self.folder.name) / name

    def chat(self, *arguments, given=None):
        done = run("chat", "--model", self.model, *QUICK, *arguments, given=given)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def usage(self, *arguments, given=None):
        return json.loads(self.chat(*arguments, "--format", "json", given=given))["usage"]


class Once(WithAModel):
    def test_pictures_stand_before_the_prompt(self):
        one = self.usage("--image", CAT, "-p", "what is it?")["prompt_tokens"]
        both = self.usage("--image", CAT, "--image", COFFEE, "-p", "what is it?")["prompt_tokens"]
        self.assertEqual(both - one, 10)  # nine places and a line's end

    def test_other_pictures_give_other_answers(self):
        there = self.chat("--image", CAT, "--image", COFFEE, "-p", "what is it?")
        self.assertEqual(there, self.chat("--image", CAT, "--image", COFFEE, "-p", "what is it?"))
        self.assertNotEqual(there, self.chat("--image", COFFEE, "--image", CAT, "-p", "what is it?"))

    def test_a_conversation_as_json_is_what_transformers_makes_of_it(self):
        for chat in CHATS["llava"]:
            usage = self.usage(given=json.dumps({"messages": chat["messages"]}))
            self.assertEqual(usage["prompt_tokens"], len(chat["prompt_ids"]))

    def test_a_file_and_its_bytes_are_the_same_picture(self):
        uri = "data:image/png;base64," + base64.b64encode(CAT.read_bytes()).decode()
        answers = {self.chat(given=json.dumps([{"role": "user", "content": [
            {"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": "what is it?"}]}]))
            for url in (str(CAT), f"file://{CAT.resolve()}", uri)}
        answers.add(self.chat("--image", CAT, "-p", "what is it?"))
        self.assertEqual(len(answers), 1)

    def test_what_is_no_picture_is_said(self):
        done = run("chat", "--model", self.model, "--image", "README.md", "-p", "what?")
        self.assertEqual(done.returncode, 5)
        self.assertIn("README.md: is no picture", done.stderr)
        done = run("chat", "--model", self.model, "--audio", "samples/kennedy.wav", "-p", "what?")
        self.assertEqual(done.returncode, 5)
        self.assertIn("does not hear", done.stderr)


class InAConversation(WithAModel):
    def test_ten_turns_encode_a_picture_once(self):
        trace = self.path("trace.json")
        screen = Terminal("chat", "--model", self.model, "--max-new-tokens", "2", "--trace", trace)
        screen.wait_for("> ")
        screen.type(f"/image {CAT}\n")
        screen.wait_for("your next message")
        screen.wait_for("> ")
        for turn in range(10):
            screen.type(f"turn {turn}\n")
            screen.wait_for("\n")
            screen.wait_for("> ")
        screen.type(f"/save {self.path('talk.json')}\n")
        screen.wait_for("Saved.")
        screen.type("/exit\n")
        self.assertEqual(screen.close(), 0)
        self.assertEqual(encodings(trace), [(1, 1)] + [(1, 0)] * 9)
        messages = json.loads(self.path("talk.json").read_text())
        self.assertEqual([part["type"] for part in messages[0]["content"]], ["image_url", "text"])

    def test_a_mistake_is_told_at_once(self):
        screen = Terminal("chat", "--model", self.model, *QUICK)
        for typed, told in (("/image nowhere.png", "nowhere.png"), ("/image README.md", "is no picture"),
                            ("/image", "needs the name of a file"), ("/audio README.md", "README.md")):
            screen.wait_for("> ")
            screen.type(typed + "\n")
            screen.wait_for("\n")
            screen.wait_for(told)
        screen.type("/exit\n")
        self.assertEqual(screen.close(), 0)

    def test_the_same_picture_of_several_conversations_is_encoded_once(self):
        trace = self.path("trace.json")
        talks = [json.dumps({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": str(CAT)}},
                                                          {"type": "text", "text": text}]}]}) for text in ("a", "b", "c")]
        self.assertEqual(run("run", "chat", *talks, "--set", f"model={self.model}", "--set", "text.max_new_tokens=2",
                             "--trace", trace).returncode, 0)
        self.assertEqual(sorted(encodings(trace)), [(1, 0), (1, 0), (1, 1)])


class Aloud(unittest.TestCase):
    def test_recordings_stand_in_a_conversation(self):
        with tempfile.TemporaryDirectory() as folder:
            source = GOLDEN.parent / "audio_language/qwen2_audio"
            for file in ("config.json", "model.safetensors", "preprocessor_config.json"):
                shutil.copy(source / file, folder)
            shutil.copy(GOLDEN / "chats/tokenizer_config.json", folder)
            words = (GOLDEN / "chats/tokenizer.json").read_text().replace("<image>", "<|AUDIO|>")
            (pathlib.Path(folder) / "tokenizer.json").write_text(words)
            templates = json.loads((GOLDEN / "chats/templates.json").read_text())
            (pathlib.Path(folder) / "chat_template.jinja").write_text(templates["qwen2_audio"])
            [chat] = CHATS["qwen2_audio"]
            done = run("chat", "--model", folder, *QUICK, "--format", "json", given=json.dumps(chat["messages"]))
            self.assertEqual(json.loads(done.stdout)["usage"]["prompt_tokens"], len(chat["prompt_ids"]), done.stderr)
            wav = pathlib.Path(folder) / "question.wav"
            wav.write_bytes(base64.b64decode(chat["messages"][0]["content"][0]["input_audio"]["data"]))
            done = run("chat", "--model", folder, *QUICK, "--audio", wav, "-p", "what?", "--format", "json")
            self.assertEqual(json.loads(done.stdout)["usage"]["prompt_tokens"], 4 + 8 + len("what?a: "), done.stderr)
            done = run("chat", "--model", folder, "--audio", CAT, "-p", "what?")
            self.assertEqual(done.returncode, 5)
            self.assertIn("samples/chelsea.png", done.stderr)


class Hub(http.server.BaseHTTPRequestHandler):
    """Answers as the Hub does, for the one model in `folder`."""
    folder, name, commit = None, "HuggingFaceTB/SmolVLM-256M-Instruct", "0123456789abcdef0123456789abcdef01234567"

    def do_GET(self):
        files = {path.name: path.read_bytes() for path in self.folder.iterdir()}
        prefix = f"/{self.name}/resolve/{self.commit}/"
        if self.path.split("?")[0] == f"/api/models/{self.name}/revision/main":
            siblings = [{"rfilename": name, "size": len(data), **self.identity(name, data)} for name, data in files.items()]
            self.answer(json.dumps({"id": self.name, "sha": self.commit, "siblings": siblings}).encode())
        elif self.path.startswith(prefix) and self.path[len(prefix):] in files:
            self.answer(files[self.path[len(prefix):]])
        else:
            self.send_error(404)

    do_HEAD = do_GET

    @staticmethod
    def identity(name, data):
        if name.endswith(".safetensors"):
            return {"lfs": {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}}
        return {"blobId": hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()}

    def answer(self, data):
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(data)

    def log_message(self, *_):
        pass


class FromTheHub(unittest.TestCase):
    def test_a_name_is_all_that_it_needs(self):
        with tempfile.TemporaryDirectory() as folder:
            source = pathlib.Path(folder) / "source"
            source.mkdir()
            make_model(source, "smolvlm", "idefics3")
            server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("TinyHub", (Hub,), {"folder": source}))
            threading.Thread(target=server.serve_forever, daemon=True).start()
            environment = {name: value for name, value in os.environ.items()
                           if not name.startswith(("HF_", "HUGGING", "TRANSFORMERS_", "XDG_"))}
            environment |= {"HF_HOME": f"{folder}/home", "XDG_CACHE_HOME": f"{folder}/cache", "no_proxy": "127.0.0.1",
                            "HF_ENDPOINT": f"http://127.0.0.1:{server.server_port}"}
            ask = ["chat", "--model", Hub.name, "--image", CAT, "-p", "what is it?", *QUICK, "--format", "json"]
            first = run(*ask, environment=environment)
            self.assertEqual(first.returncode, 0, first.stderr)
            server.shutdown()
            again = run(*ask, environment={**environment, "HF_HUB_OFFLINE": "1"})
            self.assertEqual(again.returncode, 0, again.stderr)
            answers = [json.loads(done.stdout)["choices"][0]["message"]["content"] for done in (first, again)]
            self.assertEqual(answers[0], answers[1])


if __name__ == "__main__":
    unittest.main()
