"""An engine that transcribes: load() gives `transcribe(path) -> text`, which is timed here, from the file's name to the text."""
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))
from protocol import serve as protocol  # noqa: E402


def serve(load) -> None:
    def load_answer():
        transcribe = load()

        def answer(request: dict) -> dict:
            start = time.perf_counter()
            text = transcribe(request["file"])
            return {"seconds": time.perf_counter() - start, "text": text}

        return answer

    protocol.serve(load_answer)
