"""faster-whisper: python faster_whisper_engine.py CT2_FOLDER COMPUTE_TYPE THREADS sequential|batched"""
import sys

from worker import serve


def load():
    from faster_whisper import BatchedInferencePipeline, WhisperModel

    folder, compute_type, threads, mode = sys.argv[1:]
    model = WhisperModel(folder, device="cpu", compute_type=compute_type, cpu_threads=int(threads))
    options = dict(language="en", beam_size=1, temperature=0.0, condition_on_previous_text=False)
    if mode == "batched":
        batched = BatchedInferencePipeline(model)
        return lambda path: "".join(
            s.text for s in batched.transcribe(path, batch_size=8, without_timestamps=False, **options)[0])
    return lambda path: "".join(s.text for s in model.transcribe(path, **options)[0])


serve(load)
