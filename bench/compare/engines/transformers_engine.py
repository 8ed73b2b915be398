"""transformers, the reference for exactness: python transformers_engine.py HF_FOLDER float32|bfloat16 THREADS"""
import sys

from worker import serve


def load():
    import torch
    from faster_whisper.audio import decode_audio
    from transformers import WhisperForConditionalGeneration, WhisperProcessor

    folder, precision, threads = sys.argv[1:]
    torch.set_num_threads(int(threads))
    dtype = getattr(torch, precision)
    model = WhisperForConditionalGeneration.from_pretrained(folder, dtype=dtype, attn_implementation="sdpa").eval()
    processor = WhisperProcessor.from_pretrained(folder)

    def transcribe(path: str) -> str:
        features = processor(decode_audio(path), sampling_rate=16000, return_tensors="pt", truncation=False,
                             padding="longest", return_attention_mask=True)
        if features.input_features.shape[-1] < 3000:
            features = processor(decode_audio(path), sampling_rate=16000, return_tensors="pt")
        features["input_features"] = features["input_features"].to(dtype)
        with torch.no_grad():
            ids = model.generate(**features, language="en", task="transcribe", return_timestamps=True)
        return processor.batch_decode(ids, skip_special_tokens=True)[0]

    return transcribe


serve(load)
