"""A real microphone: PulseAudio's monitor of a null sink, through PortAudio and ALSA's plug-in. What is played is what is
captured, and a server that dies and comes back leaves a gap."""
import array
import json
import math
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import wave

PIPELINE = """name: capture
nodes:
  microphone: {type: audio.microphone, inputs: {source: $input}}
outputs: {clip: microphone.clip, gap: microphone.gap}
"""
ALSA = "pcm.!default {type pulse}\nctl.!default {type pulse}\n"
STEP = 160  # samples whose loudness is one number
NEEDED = [p for p in ("pulseaudio", "pactl", "paplay") if shutil.which(p) is None]


def loudness(samples):
    return [sum(map(abs, samples[at:at + STEP])) for at in range(0, len(samples) - STEP, STEP)]


def likeness(one, other):
    """The correlation of two pieces of sound, between -1 and 1."""
    product = sum(a * b for a, b in zip(one, other))
    return product / (1e-9 + math.sqrt(sum(a * a for a in one) * sum(b * b for b in other)))


def best_lag(part, whole):
    """Where in `whole` the sound of `part` begins; its end may be missing there."""
    return max(range(max(1, len(whole) - len(part) + 100)), key=lambda lag: likeness(part, whole[lag:lag + len(part)]))


@unittest.skipIf(NEEDED, f"there is no {NEEDED}")
class Microphone(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "alsa.conf").write_text(ALSA)
        (self.folder / "capture.yaml").write_text(PIPELINE)
        runtime = self.folder / "run"
        runtime.mkdir(mode=0o700)
        self.environment = dict(os.environ, HOME=folder.name, XDG_RUNTIME_DIR=str(runtime), JACK_NO_START_SERVER="1",
                                ALSA_CONFIG_PATH=f"/usr/share/alsa/alsa.conf:{self.folder}/alsa.conf")
        for name in ("PULSE_SERVER", "PULSE_RUNTIME_PATH"):
            self.environment.pop(name, None)

    def serve(self):
        server = subprocess.Popen(["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--log-level=error",
                                   "-L", "module-native-protocol-unix", "-L", "module-null-sink sink_name=virtual"],
                                  env=self.environment, stderr=subprocess.DEVNULL)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        for _ in range(300):
            if subprocess.run(["pactl", "info"], env=self.environment, capture_output=True).returncode == 0:
                return server
            time.sleep(0.1)
        self.fail("PulseAudio does not start")

    def capture(self, command):
        process = subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        for _ in range(300):
            listed = subprocess.run(["pactl", "list", "short", "source-outputs"], env=self.environment,
                                    capture_output=True, text=True)
            if listed.stdout.strip():
                return process
            time.sleep(0.1)
        self.fail(f"nothing is captured: {process.communicate()}")

    def finish(self, process):
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130, errors)
        return json.loads(output), errors

    def play(self):
        subprocess.run(["paplay", "samples/kennedy.wav"], env=self.environment, check=True, timeout=120)

    def check_account(self, errors):
        words = next(line for line in errors.splitlines() if "samples captured" in line).split()
        captured, processed, dropped = int(words[2]), int(words[5]), int(words[7])
        self.assertEqual(captured, processed + dropped)
        self.assertGreater(captured, 0)

    def test_what_is_played_is_heard(self):
        self.serve()
        file = self.folder / "heard.raw"
        process = self.capture([sys.argv[1], "default", file])
        self.play()
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, errors)
        result = json.loads(output)
        self.assertEqual(result["captured"], result["processed"] + result["dropped"])
        self.assertLess(result["median_latency"], 2)  # of a machine that may be busy

        heard = array.array("f", file.read_bytes())
        with wave.open("samples/kennedy.wav") as recording:
            played = array.array("h", recording.readframes(recording.getnframes()))
        lag = best_lag(loudness(played), loudness(heard)) * STEP
        for second in (1, 4, 6, 9):
            part = played[second * 16000:second * 16000 + 4000]
            near = range(max(0, lag + second * 16000 - 2 * STEP), lag + second * 16000 + 2 * STEP)
            self.assertGreater(max(likeness(part, heard[at:at + 4000]) for at in near), 0.95, second)

    def test_a_server_that_dies_and_comes_back_leaves_a_gap(self):
        server = self.serve()
        process = self.capture([os.environ["MILLRACE"], "run", self.folder / "capture.yaml", "default"])
        time.sleep(2)
        server.kill()
        server.wait()
        time.sleep(3)
        self.serve()
        time.sleep(5)
        result, errors = self.finish(process)
        self.check_account(errors)
        self.assertIn("the device is lost", errors)
        self.assertIn("is back", errors)
        gap = sum(gap["end"] - gap["start"] for gap in result["gap"])
        self.assertGreater(gap, 2)
        ends = [gap["end"] for gap in result["gap"]]
        self.assertGreater(result["clip"][-1]["end"], max(ends) + 0.5)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
