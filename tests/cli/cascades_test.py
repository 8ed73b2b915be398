"""The shipped pipelines in which several models work on one input, on real weights."""
import json
import os
import subprocess
import unittest

MILLRACE = os.environ["MILLRACE"]


def run(pipeline, file, *settings):
    done = subprocess.run([MILLRACE, "run", pipeline, file, *(word for s in settings for word in ("--set", s))],
                          capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


class Cascades(unittest.TestCase):
    def test_a_spoken_question_is_answered(self):
        answer = run("ask_aloud", "samples/kennedy.wav", "language=en", "answer/text.max_new_tokens=8")
        self.assertIn("ask what you can do for your country", answer["question"][0])
        self.assertEqual(answer["completion"]["usage"]["completion_tokens"], 8)

    def test_what_a_classifier_knows_is_told_apart_from_what_a_language_model_says(self):
        answer = run("describe", "samples/chelsea.png", "talks/text.max_new_tokens=8")
        self.assertRegex(answer["says"][0], r"^The picture shows, as its classifier has it, .*cat \(\d+ %\).* or .* \(\d+ %\)\.$")
        self.assertRegex(answer["own_words"][0], r"^In the own words of HuggingFaceTB/SmolLM2-135M-Instruct, which has not seen")


if __name__ == "__main__":
    unittest.main()
