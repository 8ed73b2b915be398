#!/usr/bin/env python3
"""Times ggml's matrix products of quantised weights, for comparison with `kernels_bench --benchmark_filter=Quantised`.

Needs: llama-cpp-python (built on this machine, so that ggml has all its instructions) numpy
Usage: ggml_matmul.py [THREADS [SECONDS [no-amx]]]

Each product is timed with the weights in every kind of buffer that ggml's CPU backend offers for it (plain, repacked,
AMX), and the quickest of all repetitions counts: what ggml can do at best. ggml 0.25 crashes in many rows' products with
AMX on some machines; a third argument, "no-amx", leaves these out.
"""
import ctypes
import pathlib
import sys
import time
from importlib.util import find_spec

import numpy as np

TYPES = {"Q4_0": 2, "Q4_1": 3, "Q5_0": 6, "Q5_1": 7, "Q8_0": 8, "Q2_K": 10, "Q3_K": 11, "Q4_K": 12, "Q5_K": 13,
         "Q6_K": 14, "IQ4_NL": 20, "IQ4_XS": 23}  # fmt: skip
SHAPES = [(576, 576), (576, 192), (576, 1536), (1536, 576), (576, 49152), (1024, 4096)]  # inputs, outputs
ROWS = [1, 512]

pointer, size_t, c_int = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int


class InitParams(ctypes.Structure):
    _fields_ = [("mem_size", size_t), ("mem_buffer", pointer), ("no_alloc", ctypes.c_bool)]


def load():
    folder = pathlib.Path(find_spec("llama_cpp").origin).parent / "lib"
    for name in ("libggml-base.so", "libggml-cpu.so"):
        ctypes.CDLL(str(folder / name), mode=ctypes.RTLD_GLOBAL)
    base, cpu = (ctypes.CDLL(str(folder / n)) for n in ("libggml-base.so", "libggml-cpu.so"))

    class Library:
        pass

    def bind(library, name, result, *arguments):
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
        setattr(Library, name.removeprefix("ggml_"), staticmethod(function))

    bind(base, "ggml_init", pointer, InitParams)
    bind(base, "ggml_free", None, pointer)
    bind(base, "ggml_new_tensor_2d", pointer, pointer, c_int, ctypes.c_int64, ctypes.c_int64)
    bind(base, "ggml_mul_mat", pointer, pointer, pointer, pointer)
    bind(base, "ggml_new_graph", pointer, pointer)
    bind(base, "ggml_build_forward_expand", None, pointer, pointer)
    bind(base, "ggml_nbytes", size_t, pointer)
    bind(base, "ggml_backend_tensor_set", None, pointer, pointer, size_t, size_t)
    bind(base, "ggml_backend_alloc_ctx_tensors_from_buft", pointer, pointer, pointer)
    bind(base, "ggml_backend_buffer_free", None, pointer)
    bind(base, "ggml_backend_buft_name", ctypes.c_char_p, pointer)
    bind(base, "ggml_backend_graph_compute", c_int, pointer, pointer)
    bind(base, "ggml_backend_reg_get_proc_address", pointer, pointer, ctypes.c_char_p)
    bind(base, "ggml_backend_reg_dev_get", pointer, pointer, size_t)
    bind(base, "ggml_backend_dev_supports_op", ctypes.c_bool, pointer, pointer)
    bind(base, "ggml_backend_cpu_buffer_type", pointer)
    bind(base, "ggml_quantize_chunk", size_t, c_int, pointer, pointer, ctypes.c_int64, ctypes.c_int64, ctypes.c_int64,
         pointer)  # fmt: skip
    bind(cpu, "ggml_backend_cpu_init", pointer)
    bind(cpu, "ggml_backend_cpu_set_n_threads", None, pointer, c_int)
    bind(cpu, "ggml_backend_cpu_reg", pointer)
    return Library


def buffer_types(ggml):
    registry = ggml.backend_cpu_reg()
    address = ggml.backend_reg_get_proc_address(registry, b"ggml_backend_dev_get_extra_bufts")
    device = ggml.backend_reg_dev_get(registry, 0)
    extra = ctypes.CFUNCTYPE(ctypes.POINTER(pointer), pointer)(address)(device)
    result = [ggml.backend_cpu_buffer_type()]
    i = 0
    while extra and extra[i]:
        result.append(extra[i])
        i += 1
    return device, result


def best_time(ggml, backend, device, buffer_type, kind, blocks, inputs, outputs, rows, seconds,
              clock):
    """In seconds; None where this kind of buffer does not take such weights."""
    context = [ggml.init(InitParams(1 << 20, None, True)) for _ in range(2)]
    weights = ggml.new_tensor_2d(context[0], kind, inputs, outputs)
    buffers = [ggml.backend_alloc_ctx_tensors_from_buft(context[0], buffer_type)]
    x = ggml.new_tensor_2d(context[1], 0, inputs, rows)
    y = ggml.mul_mat(context[1], weights, x)
    graph = ggml.new_graph(context[1])
    ggml.build_forward_expand(graph, y)
    best = None
    if ggml.backend_dev_supports_op(device, y):
        buffers.append(ggml.backend_alloc_ctx_tensors_from_buft(context[1], ggml.backend_cpu_buffer_type()))
        ggml.backend_tensor_set(weights, blocks.ctypes.data, 0, blocks.nbytes)
        data = np.random.default_rng(1).uniform(-1, 1, (rows, inputs)).astype(np.float32)
        ggml.backend_tensor_set(x, data.ctypes.data, 0, data.nbytes)
        best, end = 1e9, time.perf_counter() + seconds
        while time.perf_counter() < end:
            start = clock()
            ggml.backend_graph_compute(backend, graph)
            best = min(best, clock() - start)
    for buffer in buffers:
        ggml.backend_buffer_free(buffer)
    for one in context:
        ggml.free(one)
    return best


def main():
    threads = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 0.2
    # On a machine that others use too, the time that one thread has had says more than what has passed.
    clock = time.thread_time if threads == 1 else time.perf_counter
    ggml = load()
    backend = ggml.backend_cpu_init()
    ggml.backend_cpu_set_n_threads(backend, threads)
    device, kinds = buffer_types(ggml)
    for name, kind in TYPES.items():
        for inputs, outputs in SHAPES:
            if name.endswith(("_K", "_XS")) and inputs % 256 != 0:
                continue
            context = ggml.init(InitParams(1 << 20, None, True))
            blocks = np.zeros(ggml.nbytes(ggml.new_tensor_2d(context, kind, inputs, outputs)), np.uint8)
            values = np.random.default_rng(2).normal(0, 0.02, inputs * outputs).astype(np.float32)
            ggml.quantize_chunk(kind, values.ctypes.data, blocks.ctypes.data, 0, outputs, inputs,
                                np.ones(inputs, np.float32).ctypes.data)  # fmt: skip
            ggml.free(context)
            for rows in ROWS:
                if rows * outputs > 10_000_000:
                    continue
                times = {}
                for buffer in kinds:
                    if rows > 1 and "no-amx" in sys.argv and ggml.backend_buft_name(buffer) == b"AMX":
                        continue
                    taken = best_time(ggml, backend, device, buffer, kind, blocks, inputs, outputs, rows, seconds,
                                      clock)
                    if taken is not None:
                        times[ggml.backend_buft_name(buffer).decode()] = taken * 1e6
                quickest = min(times, key=times.get)
                shown = " ".join(f"{buffer}={taken:.1f}" for buffer, taken in times.items())
                print(f"{name} {rows}x{inputs}x{outputs} best_us={times[quickest]:.1f} ({shown})", flush=True)


if __name__ == "__main__":
    main()
