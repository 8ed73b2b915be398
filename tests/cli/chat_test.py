"""millrace chat and generate on a tiny model with random weights: what it writes is nonsense, and all else is not."""
import json
import os
import pathlib
import pty
import select
import signal
import subprocess
import tempfile
import time
import unittest

MILLRACE = os.environ["MILLRACE"]
MODEL = pathlib.Path("tests/golden/chat/tiny")
QUICK = ["--model", str(MODEL), "--max-new-tokens", "8"]


def run(*arguments, given=None):
    return subprocess.run([MILLRACE, *map(str, arguments)], input=given, capture_output=True, text=True, timeout=60)


class Once(unittest.TestCase):
    def test_an_answer_is_an_openai_object(self):
        done = run("chat", *QUICK, "-p", "Hello", "--format", "json")
        self.assertEqual(done.returncode, 0, done.stderr)
        answer = json.loads(done.stdout)
        self.assertEqual(answer["object"], "chat.completion")
        [choice] = answer["choices"]
        self.assertEqual(choice["message"]["role"], "assistant")
        self.assertIn(choice["finish_reason"], ("stop", "length"))
        usage = answer["usage"]
        self.assertEqual(usage["total_tokens"], usage["prompt_tokens"] + usage["completion_tokens"])
        self.assertLessEqual(usage["completion_tokens"], 8)
        text = run("chat", *QUICK, "-p", "Hello")
        self.assertEqual(text.stdout, choice["message"]["content"] + "\n")

    def test_standard_input_is_a_prompt(self):
        self.assertEqual(run("chat", *QUICK, given="Hello\n").stdout, run("chat", *QUICK, "-p", "Hello").stdout)

    def test_a_system_message_changes_the_prompt(self):
        def prompt_tokens(*options):
            return json.loads(run("chat", *QUICK, "-p", "Hi", "--format", "json", *options).stdout)["usage"]["prompt_tokens"]
        self.assertGreater(prompt_tokens("--system", "Be brief."), prompt_tokens())

    def test_a_seed_repeats_what_is_drawn(self):
        drawn = [run("generate", *QUICK, "-p", "a", "--temperature", "1", "--seed", seed).stdout for seed in (1, 1, 2, 3)]
        self.assertEqual(drawn[0], drawn[1])
        self.assertGreater(len(set(drawn)), 1)

    def test_guessing_changes_the_speed_alone(self):
        plain = run("generate", *QUICK, "-p", "a b a b a b a b", "--max-new-tokens", "30").stdout
        guessed = run("generate", *QUICK, "-p", "a b a b a b a b", "--max-new-tokens", "30",
                      "--prompt-lookup-num-tokens", "5").stdout
        self.assertEqual(plain, guessed)

    def test_the_text_has_the_form_that_is_asked_for(self):
        with tempfile.TemporaryDirectory() as folder:
            schema = pathlib.Path(folder) / "point.json"
            schema.write_text('{"type": "array", "items": {"type": "boolean"}, "minItems": 2, "maxItems": 3}')
            done = run("chat", "--model", MODEL, "-p", "x", "--json-schema", schema, "--max-new-tokens", "200")
            value = json.loads(done.stdout)
            self.assertIn(len(value), (2, 3))
            self.assertTrue(all(isinstance(item, bool) for item in value))
        self.assertRegex(run("chat", "--model", MODEL, "-p", "x", "--regex", "[0-9]{3}").stdout, r"^[0-9]{3}\n$")
        wrong = run("chat", "--model", MODEL, "-p", "x", "--json-schema", '{"not": {}}')
        self.assertEqual(wrong.returncode, 5)
        self.assertIn("not", wrong.stderr)

    def test_errors_name_what_is_wrong(self):
        for arguments, code, words in (
                (("chat", "--model", "/nowhere", "-p", "x"), 4, "/nowhere"),
                (("chat", *QUICK, "-p", "x", "--top-p", "3"), 2, "top-p"),
                (("generate", *QUICK, "-p", "x " * 500), 5, "tokens"),
                (("chat", *QUICK, "--promt", "x"), 2, "--prompt")):
            done = run(*arguments)
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertIn(words, done.stderr)
            self.assertEqual(done.stdout, "")


class Terminal:
    """The program on a terminal of its own."""

    def __init__(self, *arguments):
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen([MILLRACE, *map(str, arguments)], stdin=slave, stdout=slave, stderr=slave,
                                        start_new_session=True)
        os.close(slave)
        self.seen = ""

    def wait_for(self, words, seconds=30):
        end = time.monotonic() + seconds
        while words not in self.seen:
            if not select.select([self.master], [], [], max(0, end - time.monotonic()))[0]:
                raise AssertionError(f"{words!r} did not come: {self.seen!r}")
            self.seen += os.read(self.master, 4096).decode(errors="replace")
        before, self.seen = self.seen.split(words, 1)
        return before

    def type(self, text):
        os.write(self.master, text.encode())

    def close(self):
        self.process.wait(30)
        os.close(self.master)
        return self.process.returncode


class AtATerminal(unittest.TestCase):
    def test_a_conversation(self):
        with tempfile.TemporaryDirectory() as folder:
            saved = pathlib.Path(folder) / "talk.json"
            screen = Terminal("chat", *QUICK)
            screen.wait_for("/help")
            screen.wait_for("> ")
            screen.type("/help\n")
            screen.wait_for("/save FILE")
            screen.wait_for("> ")
            screen.type("first \\\n")
            screen.wait_for(". ")
            screen.type("second\n")
            screen.wait_for("> ")
            screen.type(f"/save {saved}\n")
            screen.wait_for("Saved.")
            screen.wait_for("> ")
            messages = json.loads(saved.read_text())
            self.assertEqual([m["role"] for m in messages], ["user", "assistant"])
            self.assertEqual(messages[0]["content"], "first \nsecond")
            screen.type("/reste\n")
            screen.wait_for("/reset")
            screen.wait_for("> ")
            screen.type("/exit\n")
            self.assertEqual(screen.close(), 0)

    def test_an_interrupt_ends_the_answer_alone(self):
        screen = Terminal("chat", "--model", MODEL, "--max-new-tokens", "200", "--min-new-tokens", "200")
        screen.wait_for("> ")
        screen.process.send_signal(signal.SIGINT)
        screen.wait_for("/exit leaves")
        screen.wait_for("> ")
        screen.type("talk\n")
        time.sleep(0.02)
        screen.process.send_signal(signal.SIGINT)
        screen.wait_for("\n> ")
        screen.type("/exit\n")
        self.assertEqual(screen.close(), 0)


if __name__ == "__main__":
    unittest.main()
