"""Writes cases.json: one step of generation as transformers 5.23.0 sees it, over many combinations of options.

    python make_sampling.py            the cases of the tests
    python make_sampling.py N SEED     N other cases, a line each, to standard output

Each case is what `millrace sample` reads, with the expected "kept" and "probs". Sorting is made stable, so that
the results for equal logits do not depend on the machine.
"""

import json
import math
import random
import sys
from pathlib import Path

import torch
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM
from transformers.generation import LogitsProcessor, LogitsProcessorList

SAMPLING = ["temperature", "top_k", "top_p", "min_p", "typical_p", "epsilon_cutoff", "eta_cutoff", "top_h"]
OURS = ["frequency_penalty", "presence_penalty", "logit_bias", "min_tokens_to_keep"]

unstable_sort = torch.sort
torch.sort = lambda x, dim=-1, descending=False, stable=True: unstable_sort(
    x, dim=dim, descending=descending, stable=True
)

model = LlamaForCausalLM(
    LlamaConfig(vocab_size=8, hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=1)
)


class OpenAiPenalties(LogitsProcessor):
    """The formula of the OpenAI API's documentation."""

    def __init__(self, params, prompt_length):
        self.params, self.prompt_length = params, prompt_length

    def __call__(self, input_ids, scores):
        scores = scores.clone()
        generated = input_ids[0, self.prompt_length :].tolist()
        frequency = self.params.get("frequency_penalty", 0)
        presence = self.params.get("presence_penalty", 0)
        for token in set(generated):
            if token < scores.shape[-1]:
                scores[0, token] -= generated.count(token) * frequency + presence
        for token, bias in self.params.get("logit_bias", {}).items():
            scores[0, int(token)] += bias
        return scores


def expected(case):
    params = dict(case["params"])
    prompt, generated = case["prompt_ids"], case["generated_ids"]
    own = LogitsProcessorList()
    if any(name in params for name in OURS[:3]):
        own.append(OpenAiPenalties(params, len(prompt)))
    if "do_sample" not in params:
        params["do_sample"] = any(name in params for name in SAMPLING)
    keep = params.get("min_tokens_to_keep")
    given = {name: value for name, value in params.items() if name not in OURS}
    config = GenerationConfig(**given)
    if config.max_new_tokens is not None:
        config.max_length = config.max_new_tokens + len(prompt)
    model._prepare_special_tokens(config, device="cpu")
    processors = model._get_logits_processor(config, input_ids_seq_length=len(prompt), logits_processor=own)
    if keep is not None:
        for processor in processors:
            if hasattr(processor, "min_tokens_to_keep"):
                processor.min_tokens_to_keep = keep
                if hasattr(processor, "top_k"):
                    processor.top_k = max(processor.top_k, keep)
    logits = torch.tensor([[-math.inf if x is None else x for x in case["logits"]]], dtype=torch.float32)
    if params.get("num_beams", 1) > 1:
        logits = logits.log_softmax(dim=-1)
    scores = processors(torch.tensor([prompt + generated], dtype=torch.long), logits)
    probabilities = scores.softmax(dim=-1)[0].tolist()
    kept = [token for token, p in enumerate(probabilities) if p > 0]  # false for what is no number
    return {"kept": kept, "probs": [float(f"{probabilities[token]:.9g}") for token in kept]}


def random_logits(rng, size):
    kind = rng.randrange(6)
    scale = rng.choice([0.5, 2, 5, 12])
    if kind == 0:
        values = [rng.randrange(-2, 3) * 1.0 for _ in range(size)]  # ties
    elif kind == 1:
        values = [rng.gauss(0, scale) if rng.random() < 0.6 else None for _ in range(size)]
    else:
        values = [rng.gauss(0, scale) for _ in range(size)]
    # Through float32, so that every reader has the same numbers.
    return [None if x is None else float(f"{torch.tensor(x).item():.9g}") for x in values]


def random_params(rng, size):
    token = lambda: rng.randrange(size)  # noqa: E731
    params = {}

    def maybe(chance, name, make):
        if rng.random() < chance:
            params[name] = make()

    maybe(0.5, "temperature", lambda: rng.choice([0.1, 0.3, 0.7, 0.9, 1.0, 1.3, 2.0, 5.0, 0.01, 1e-4, 100.0]))
    maybe(0.3, "top_k", lambda: rng.choice([0, 1, 2, 3, 5, 10, 20, 50, 1000]))
    maybe(0.4, "top_p", lambda: rng.choice([0.05, 0.3, 0.5, 0.8, 0.9, 0.95, 0.99, 1.0, 0.0]))
    maybe(0.25, "min_p", lambda: rng.choice([0.0, 0.01, 0.05, 0.1, 0.3, 0.7, 1.0]))
    maybe(0.2, "typical_p", lambda: rng.choice([0.2, 0.5, 0.9, 0.95, 1.0]))
    maybe(0.2, "epsilon_cutoff", lambda: rng.choice([0.0, 1e-4, 3e-3, 0.05, 0.3]))
    maybe(0.2, "eta_cutoff", lambda: rng.choice([0.0, 3e-4, 4e-3, 0.05, 0.3]))
    maybe(0.15, "top_h", lambda: rng.choice([0.1, 0.4, 0.6, 0.9]))
    maybe(0.1, "min_tokens_to_keep", lambda: rng.choice([1, 2, 3, 7]))
    maybe(0.1, "do_sample", lambda: rng.random() < 0.5)
    maybe(0.1, "num_beams", lambda: rng.choice([2, 4]))
    maybe(0.3, "repetition_penalty", lambda: rng.choice([1.1, 1.3, 2.0, 0.8]))
    maybe(0.25, "frequency_penalty", lambda: rng.choice([0.5, 1.0, -0.7]))
    maybe(0.25, "presence_penalty", lambda: rng.choice([0.5, 2.0, -0.4]))
    maybe(0.15, "logit_bias", lambda: {str(token()): rng.choice([-100.0, 100.0, 1.5, -2.5]) for _ in range(2)})
    maybe(0.2, "no_repeat_ngram_size", lambda: rng.choice([1, 2, 3]))
    maybe(0.2, "eos_token_id", lambda: rng.choice([token(), [token(), token()]]))
    if "eos_token_id" in params:
        maybe(0.3, "min_new_tokens", lambda: rng.choice([1, 3, 8]))
        maybe(0.3, "min_length", lambda: rng.choice([2, 6, 12]))
        maybe(0.2, "exponential_decay_length_penalty", lambda: [rng.choice([0, 2]), rng.choice([1.1, 1.5])])
    maybe(0.15, "bad_words_ids", lambda: [[token()], [token(), token()], [token(), token(), token()]])
    maybe(
        0.15,
        "sequence_bias",
        lambda: [[[token()], rng.choice([-3.0, 4.0])], [[token(), token()], rng.choice([-9.0, 6.5])]],
    )
    maybe(0.05, "forced_bos_token_id", token)
    if rng.random() < 0.1:
        params["forced_eos_token_id"] = token()
        params[rng.choice(["max_length", "max_new_tokens"])] = rng.choice([3, 4, 5, 6, 8])
    maybe(0.1, "suppress_tokens", lambda: [token(), token()])
    forced = {params.get("forced_eos_token_id"), params.get("forced_bos_token_id")}
    if forced & set(params.get("suppress_tokens", [])):
        del params["suppress_tokens"]  # transformers refuses that
    maybe(0.1, "begin_suppress_tokens", lambda: [token(), token()])
    maybe(0.1, "renormalize_logits", lambda: True)
    maybe(0.05, "remove_invalid_values", lambda: True)
    return params


def random_case(rng):
    size = rng.choice([4, 8, 16, 33, 64, 130, 200])
    narrow = rng.choice([4, size])  # few different ones, so that n-grams repeat
    case = {
        "logits": random_logits(rng, size),
        "prompt_ids": [rng.randrange(narrow) for _ in range(rng.choice([1, 2, 5, 9]))],
        "generated_ids": [rng.randrange(narrow) for _ in range(rng.choice([0, 0, 1, 2, 3, 7]))],
        "params": random_params(rng, size),
    }
    if "sequence_bias" in case["params"]:  # its later sequences matter: end where one begins
        case["generated_ids"].append(case["params"]["sequence_bias"][1][0][0])
    elif "bad_words_ids" in case["params"]:
        case["generated_ids"].append(case["params"]["bad_words_ids"][1][0])
    return case


def chosen_cases():
    def case(logits, params, prompt=(0,), generated=()):
        return {"logits": logits, "prompt_ids": list(prompt), "generated_ids": list(generated), "params": params}

    ties = [1.0, 1.0, 1.0, 1.0]
    slope = [4.0, 3.0, 2.0, 1.0, 0.0, -1.0]
    yield case([None] * 4, {})
    yield case([None] * 4, {"temperature": 0.5, "top_p": 0.9, "top_k": 2, "typical_p": 0.5})
    yield case([None, None, 0.5], {"top_p": 0.5})
    yield case(slope, {})
    for top_p in (0.0, 0.2, 0.25, 0.5, 0.75, 0.99):
        yield case(ties, {"top_p": top_p})
    for top_k in (1, 2, 4, 5, 100):
        yield case(ties, {"top_k": top_k})
        yield case(slope, {"top_k": top_k})
    for temperature in (1e-30, 1e-6, 1e-3, 1e3, 1e30):
        yield case(slope, {"temperature": temperature})
        yield case(slope, {"temperature": temperature, "top_p": 0.9})
    for keep in (1, 2, 3, 6):
        for name, value in (("top_p", 0.1), ("min_p", 0.9), ("typical_p", 0.1), ("epsilon_cutoff", 0.9)):
            yield case(slope, {name: value, "min_tokens_to_keep": keep})
        yield case(slope, {"eta_cutoff": 0.9, "min_tokens_to_keep": keep})
    for n in range(4):
        yield case(slope, {"eos_token_id": [0, 5], "min_new_tokens": 2}, generated=[1] * n)
        yield case(slope, {"eos_token_id": 0, "min_length": 3}, generated=[1] * n)
        yield case(slope, {"forced_eos_token_id": 5, "max_new_tokens": 3}, generated=[1] * n)
        yield case(slope, {"forced_eos_token_id": [5, 2], "max_length": 3}, generated=[1] * n)
        yield case(slope, {"forced_bos_token_id": 3, "begin_suppress_tokens": [0]}, generated=[1] * n)
        yield case(slope, {"begin_suppress_tokens": [0]}, prompt=[1, 2], generated=[1] * n)
        yield case(slope, {"no_repeat_ngram_size": 2}, prompt=[0, 1, 2], generated=[0, 1, 0, 3][:n])
        yield case(slope, {"repetition_penalty": 1.5}, prompt=[0, 4], generated=[5, 5, 1][:n])
        yield case(slope, {"frequency_penalty": 0.5, "presence_penalty": 0.25}, generated=[1, 1, 2][:n])
    yield case(slope, {"bad_words_ids": [[0], [1, 2], [5]], "eos_token_id": 5}, generated=[1])
    yield case(slope, {"temperature": 0.7, "do_sample": False, "top_k": 2})


def with_results(cases):
    for case in cases:
        try:
            yield {**case, **expected(case)}
        except ValueError:  # transformers refuses an entropy of nothing
            continue


def main():
    if len(sys.argv) == 3:
        rng = random.Random(int(sys.argv[2]))
        for case in with_results(random_case(rng) for _ in range(int(sys.argv[1]))):
            print(json.dumps(case))
        return
    rng = random.Random(11)
    cases = list(with_results(chosen_cases()))
    cases += with_results(random_case(rng) for _ in range(250))
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    Path(__file__).with_name("cases.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
