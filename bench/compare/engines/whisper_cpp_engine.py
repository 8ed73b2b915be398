"""whisper.cpp through pywhispercpp: python whisper_cpp_engine.py GGML_FILE THREADS"""
import sys

from worker import serve


def load():
    import av  # noqa: F401  (comes with faster-whisper; decodes as ffmpeg does)
    from faster_whisper.audio import decode_audio
    from pywhispercpp.model import Model

    file, threads = sys.argv[1:]
    model = Model(file, n_threads=int(threads), print_progress=False, print_realtime=False, language="en",
                  temperature_inc=0.0, greedy={"best_of": 1}, redirect_whispercpp_logs_to=None)
    return lambda path: " ".join(s.text for s in model.transcribe(decode_audio(path)))


serve(load)
