"""Time to the first token with one picture, tokens a second and peak memory, beside transformers, on the same folder.

    python compare_chat.py FOLDER [--millrace build/release/millrace] [--picture samples/chelsea.png] [--rounds 3] [--tokens 32]

Two threads each. Millrace runs in int8, bfloat16 and float32; transformers in bfloat16 and float32 (eager where torch has
nothing better). The picture is decoded, taken apart, encoded and read in the time to the first token; loading the model is not
in it. Engines take turns; the best of the rounds counts. The first tokens of both in float32 are compared.
"""
import argparse
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile

PROMPT = "What is on this picture?"
BEFORE_TEXT = ("prompt", "pictures", "sounds", "tokens", "embedded")  # nodes of pipelines/chat.yaml that come before `text`


def millrace(options, weights):
    """Seconds to the first token, tokens a second, peak memory in MiB, the text."""
    with tempfile.NamedTemporaryFile(suffix=".json") as trace:
        process = subprocess.Popen(
            [options.millrace, "chat", "-q", "--model", options.folder, "--weights", weights, "--image", options.picture,
             "-p", PROMPT, "--max-new-tokens", str(options.tokens), "--min-new-tokens", str(options.tokens), "--threads", "2",
             "--format", "json", "--trace", trace.name], stdout=subprocess.PIPE, text=True)
        answer = json.loads(process.stdout.read())
        _, status, usage = os.wait4(process.pid, 0)
        if status != 0:
            raise SystemExit(f"millrace ended with {status}")
        events = json.load(open(trace.name))
    if isinstance(events, dict):
        events = events["traceEvents"]
    before = sum(event["dur"] for event in events if event.get("ph") == "X" and event["name"] in BEFORE_TEXT) / 1e6
    timings = answer["timings"]
    return (before + timings["prompt_seconds"], timings["predicted_per_second"], usage.ru_maxrss / 1024,
            answer["choices"][0]["message"]["content"])


def transformers_worker(folder, picture, dtype, pipe):
    import time

    import torch
    import transformers
    from PIL import Image
    torch.set_num_threads(2)
    model = transformers.AutoModelForImageTextToText.from_pretrained(folder, dtype=getattr(torch, dtype)).eval()
    processor = transformers.AutoProcessor.from_pretrained(folder)
    messages = [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": PROMPT}]}]
    while (count := pipe.recv()) > 0:
        begun = time.monotonic()
        text = processor.tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        given = processor(text=text, images=[Image.open(picture).convert("RGB")], return_tensors="pt", add_special_tokens=False)
        if "pixel_values" in given:
            given["pixel_values"] = given["pixel_values"].to(model.dtype)
        with torch.no_grad():
            out = model.generate(**given, max_new_tokens=count, min_new_tokens=count, do_sample=False)
        ids = out[0, given["input_ids"].shape[1]:].tolist()
        pipe.send((time.monotonic() - begun, processor.tokenizer.decode(ids, skip_special_tokens=True),
                   resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


class Transformers:
    def __init__(self, options, dtype):
        self.pipe, other = multiprocessing.Pipe()
        self.process = multiprocessing.get_context("spawn").Process(
            target=transformers_worker, args=(options.folder, options.picture, dtype, other), daemon=True)
        self.process.start()

    def run(self, count):
        self.pipe.send(count)
        return self.pipe.recv()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--millrace", default="build/release/millrace")
    parser.add_argument("--picture", default="samples/chelsea.png")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tokens", type=int, default=32)
    parser.add_argument("--dtypes", nargs="*", default=["bfloat16", "float32"], help="of transformers")
    options = parser.parse_args()
    rows, texts = {}, {}
    peers = {dtype: Transformers(options, dtype) for dtype in options.dtypes}
    for _ in range(options.rounds):
        for weights in ("int8", "bfloat16", "float32"):
            *figures, texts[f"millrace {weights}"] = millrace(options, weights)
            rows.setdefault(f"millrace {weights}", []).append(figures)
            print(f"millrace {weights}: {figures}", file=sys.stderr)
        for dtype, peer in peers.items():
            one, *_ = peer.run(1)
            whole, texts[f"transformers {dtype}"], memory = peer.run(options.tokens)
            rows.setdefault(f"transformers {dtype}", []).append((one, (options.tokens - 1) / (whole - one), memory))
            print(f"transformers {dtype}: {rows[f'transformers {dtype}'][-1]}", file=sys.stderr)
    print("| engine | first token, s | tokens a second | peak memory, MiB | the text of transformers in float32 |\n"
          "| --- | ---: | ---: | ---: | --- |")
    for name, runs in rows.items():
        exact = texts.get("transformers float32", "")
        same = os.path.commonprefix([texts[name], exact])
        print(f"| {name} | {min(r[0] for r in runs):.2f} | {max(r[1] for r in runs):.1f} | {max(r[2] for r in runs):.0f} | "
              f"first {len(same)} of {len(exact)} letters |")


if __name__ == "__main__":
    main()
