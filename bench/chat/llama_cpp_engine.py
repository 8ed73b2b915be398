"""llama.cpp through llama-cpp-python: python llama_cpp_engine.py FILE.gguf THREADS

Answers the requests of compare_chat.py with llama.cpp's own C functions, so that nothing of Python's is timed but the
loop over tokens.
"""
import ctypes
import math
import pathlib
import sys
import time

import llama_cpp
import numpy

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from protocol.serve import serve  # noqa: E402


class Engine:
    def __init__(self, path: str, threads: int):
        llama_cpp.llama_backend_init()
        params = llama_cpp.llama_model_default_params()
        # ggml 0.25 crashes in its AMX products on some machines; Q4_1 has no other rearranged form.
        params.use_extra_bufts = "--amx" in sys.argv
        self.model = llama_cpp.llama_model_load_from_file(path.encode(), params)
        self.vocabulary = llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(self.model))
        self.threads = threads

    def context(self, length: int, sequences: int):
        params = llama_cpp.llama_context_default_params()
        params.n_ctx = length * sequences
        params.n_batch = params.n_ubatch = max(512, length)
        params.n_seq_max = sequences
        params.n_threads = params.n_threads_batch = self.threads
        return llama_cpp.llama_init_from_model(self.model, params)

    def decode(self, context, rows) -> None:
        """rows: (token, position, sequence, whether its logits are wanted)"""
        batch = llama_cpp.llama_batch_init(len(rows), 0, 1)
        batch.n_tokens = len(rows)
        for i, (token, position, sequence, wanted) in enumerate(rows):
            batch.token[i], batch.pos[i], batch.n_seq_id[i] = token, position, 1
            batch.seq_id[i][0], batch.logits[i] = sequence, wanted
        if llama_cpp.llama_decode(context, batch) != 0:
            raise RuntimeError("llama_decode")
        llama_cpp.llama_batch_free(batch)

    def logits(self, context, i: int):
        return numpy.ctypeslib.as_array(llama_cpp.llama_get_logits_ith(context, i), shape=(self.vocabulary,))

    def generate(self, tokens, sequences: int, count: int) -> dict:
        context = self.context(len(tokens) + count + 1, sequences)
        start = time.perf_counter()
        last, n = [], len(tokens)
        for s in range(sequences):
            self.decode(context, [(t, i, s, i == n - 1) for i, t in enumerate(tokens)])
            last.append(int(self.logits(context, n - 1).argmax()))
        read = time.perf_counter() - start
        written, start = [last[0]], time.perf_counter()
        for step in range(count - 1):
            self.decode(context, [(last[s], n + step, s, True) for s in range(sequences)])
            last = [int(self.logits(context, s).argmax()) for s in range(sequences)]
            written.append(last[0])
        write = time.perf_counter() - start
        llama_cpp.llama_free(context)
        return {"read_seconds": read, "write_seconds": write, "tokens": written}

    def surprise(self, tokens) -> dict:
        context = self.context(len(tokens), 1)
        self.decode(context, [(t, i, 0, True) for i, t in enumerate(tokens)])
        total = 0.0
        for i in range(len(tokens) - 1):
            row = self.logits(context, i).astype(numpy.float64)
            total += math.log(numpy.exp(row - row.max()).sum()) + row.max() - row[tokens[i + 1]]
        llama_cpp.llama_free(context)
        return {"surprise": total / (len(tokens) - 1)}


def load():
    silent = llama_cpp.llama_log_callback(lambda level, text, data: None)
    llama_cpp.llama_log_set(silent, ctypes.c_void_p(0))
    load.kept = silent  # llama.cpp holds no reference to it
    engine = Engine(sys.argv[1], int(sys.argv[2]))
    return lambda request: getattr(engine, request.pop("op"))(**request)


serve(load)
