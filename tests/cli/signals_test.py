"""SIGINT and SIGTERM: what is on its way is finished and printed, and the exit code names the signal."""
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import unittest

PIPELINE = """name: speech
nodes:
  audio:  {type: audio.read, inputs: {path: $input}}
  speech: {type: audio.voice_activity, inputs: {clip: audio.clip}, max_speech_duration_s: 3}
outputs:
  clip: speech.clip
"""
RECORDING = pathlib.Path("samples/kennedy.wav").read_bytes()


class Signals(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.pipeline = pathlib.Path(folder.name, "speech.yaml")
        self.pipeline.write_text(PIPELINE)

    def listen(self, *arguments):
        """A run over a pipe that does not end, once it has printed its first line."""
        process = subprocess.Popen([os.environ["MILLRACE"], "run", self.pipeline, "-", *arguments],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.kill)
        process.stdin.write(RECORDING[:44 + 32_000 * 6])
        process.stdin.flush()
        return process

    def finish(self, process):
        """What was printed since, with the pipe still open for writing."""
        output, errors = process.stdout.read(), process.stderr.read()
        code = process.wait(timeout=60)
        process.stdin.close(), process.stdout.close(), process.stderr.close()
        return code, output, errors

    def test_the_first_ends_the_sound_and_finishes_what_is_on_its_way(self):
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            with self.subTest(number):
                process = self.listen("--format", "text")
                first = process.stdout.readline()
                self.assertTrue(first)
                process.send_signal(number)
                ended, output, errors = self.finish(process)
                self.assertEqual(ended, code, errors)
                # Speech goes on where the sound breaks off: only a flush gives that clip.
                self.assertTrue(output, "nothing of what was on its way")
                self.assertNotIn(b"error", errors)

    def test_json_says_that_it_was_cut_short(self):
        process = self.listen()
        try:
            process.wait(timeout=3)  # nothing tells from outside that the sound has been read
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGTERM)
        code, output, _ = self.finish(process)
        self.assertEqual(code, 143)
        result = json.loads(output)
        self.assertTrue(result["cut_short"])
        self.assertGreater(result["clip"][-1]["end"], 3)


if __name__ == "__main__":
    unittest.main()
