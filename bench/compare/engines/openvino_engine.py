"""OpenVINO GenAI: python openvino_engine.py IR_FOLDER f32|bf16 THREADS"""
import sys

from worker import serve


def load():
    import openvino_genai
    from faster_whisper.audio import decode_audio

    folder, precision, threads = sys.argv[1:]
    pipeline = openvino_genai.WhisperPipeline(
        folder, "CPU", INFERENCE_PRECISION_HINT=precision, INFERENCE_NUM_THREADS=int(threads))
    return lambda path: str(pipeline.generate(
        decode_audio(path).tolist(), language="<|en|>", task="transcribe", return_timestamps=True).texts[0])


serve(load)
