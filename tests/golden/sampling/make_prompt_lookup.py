"""Writes prompt_lookup.json: what transformers 5.23.0 guesses by prompt lookup.

    python make_prompt_lookup.py

Guesses are cut to what max_length leaves, which transformers does only after the model has checked them.
"""

import json
import random
from pathlib import Path

import torch
from transformers.generation import LogitsProcessorList, NoBadWordsLogitsProcessor, NoRepeatNGramLogitsProcessor
from transformers.generation.candidate_generator import PromptLookupCandidateGenerator


def main():
    rng = random.Random(7)
    cases = []
    for _ in range(200):
        vocabulary = rng.choice([3, 5, 12])
        ids = [rng.randrange(vocabulary) for _ in range(rng.choice([1, 2, 6, 20, 40]))]
        case = {
            "vocabulary": vocabulary,
            "ids": ids,
            "tokens": rng.choice([1, 3, 10]),
            "ngram": rng.choice([1, 2, 3, 6]),
            "max_length": len(ids) + rng.choice([1, 2, 5, 100]),
            "eos_token_id": rng.choice([[], [0], [0, 2]]),
            "no_repeat_ngram_size": rng.choice([0, 0, 3, 4]),
            "bad_words_ids": rng.choice([[], [[1]], [[2, 1]]]),
        }
        rules = LogitsProcessorList()
        if case["no_repeat_ngram_size"]:
            rules.append(NoRepeatNGramLogitsProcessor(case["no_repeat_ngram_size"]))
        if case["bad_words_ids"]:
            rules.append(NoBadWordsLogitsProcessor(case["bad_words_ids"], torch.tensor(case["eos_token_id"])))
        generator = PromptLookupCandidateGenerator(
            eos_token_id=torch.tensor(case["eos_token_id"]) if case["eos_token_id"] else None,
            num_output_tokens=case["tokens"],
            max_matching_ngram_size=case["ngram"],
            max_length=case["max_length"],
            logits_processor=rules or None,
            vocab_size=vocabulary,
        )
        guess = generator.get_candidates(torch.tensor([ids]))[0][0].tolist()[len(ids) :]
        case["guess"] = guess[: max(0, case["max_length"] - len(ids) - 1)]
        cases.append(case)
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    Path(__file__).with_name("prompt_lookup.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
