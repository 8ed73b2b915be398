"""Writes the goldens of vocabularies that come without a tokenizer.json: SentencePiece, tiktoken and GGUF files trained and
written here, and what transformers' tokenizers make of awkward texts with them. The cases are tokenizer_goldens.py's.

    pip install transformers==5.23.0 tokenizers==0.23.3 sentencepiece==0.2.3 tiktoken==0.14.0 gguf==0.19.0
    python tests/golden/tokenizers/vocabulary_goldens.py
"""

import base64
import io
import json
import os
import shutil

os.environ["HF_HUB_OFFLINE"] = "1"

import gguf
import sentencepiece
import tokenizer_goldens as goldens
from tokenizers import AddedToken
from transformers import CLIPTokenizer, GemmaTokenizer, LlamaTokenizer, SiglipTokenizer, T5Tokenizer, TokenizersBackend
from transformers.convert_slow_tokenizer import bytes_to_unicode
from transformers.integrations.gguf.gguf_tokenizer_mapping import convert_gguf_tokenizer, get_gguf_tokenizer

HERE = goldens.HERE


def train(**options):
    out = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(goldens.TRAINING), model_writer=out, minloglevel=2,
                                             character_coverage=0.98, normalization_rule_name="identity", **options)
    return out.getvalue()


def folder(name):
    shutil.rmtree(HERE / name, ignore_errors=True)
    (HERE / name).mkdir()
    return HERE / name


def finish(name, backend):
    backend.no_truncation()
    backend.no_padding()
    goldens.write(HERE / name / "cases.json", goldens.cases_of(backend, 60))


def spm(name, file, model, tokenizer_class, config, **files):
    path = folder(name)
    (path / file).write_bytes(model)
    (path / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": tokenizer_class.__name__, **config}))
    for key, value in files.items():
        (path / f"{key}.json").write_text(json.dumps(value))
    finish(name, tokenizer_class.from_pretrained(path, **({"vocab_file": str(path / file)} if file != "tokenizer.model" else {})).backend_tokenizer)


def entry(content, **flags):
    return {"content": content, "lstrip": False, "normalized": False, "rstrip": False, "single_word": False, "special": True, **flags}


def sentencepieces():
    bpe = train(vocab_size=700, model_type="bpe", byte_fallback=True, user_defined_symbols=["<user>", "  "], control_symbols=["<ctl>"])
    unigram = train(vocab_size=290, model_type="unigram", pad_id=0, eos_id=1, unk_id=2, bos_id=-1)
    spm("spm_llama", "tokenizer.model", bpe, LlamaTokenizer, {"add_bos_token": True, "legacy": False, "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"})
    spm("spm_llama_legacy", "tokenizer.model", bpe, LlamaTokenizer, {"add_bos_token": True, "add_eos_token": True, "legacy": True},
        added_tokens={"<pad>": 701, "[NEW]": 700}, special_tokens_map={"pad_token": "<pad>"})
    spm("spm_llama_bare", "tokenizer.model", bpe, LlamaTokenizer, {"add_prefix_space": False, "added_tokens_decoder": {"0": entry("<unk>"), "1": entry("<s>"), "700": entry("<|x|>", rstrip=True)}})
    spm("spm_gemma", "tokenizer.model", bpe, GemmaTokenizer, {"add_bos_token": True, "bos_token": "<s>", "eos_token": "</s>"})
    spm("spm_generic", "tokenizer.model", bpe, TokenizersBackend, {"add_bos_token": True})
    spm("spm_generic_unigram", "tokenizer.model", unigram, TokenizersBackend, {})
    spm("spm_t5", "spiece.model", unigram, T5Tokenizer, {"extra_ids": 3})


def finish_encoding(name, tokenizer):
    """The cases of a tokenizer that does more than its backend, or has none, without special tokens in the texts."""
    class Alike:
        def get_added_tokens_decoder(self):
            return {}

        def get_vocab_size(self):
            return len(tokenizer)

        def encode(self, text, add_special_tokens=True):
            ids = tokenizer(text, add_special_tokens=add_special_tokens)["input_ids"]
            return type("Encoding", (), {"ids": ids})

        def decode(self, ids, skip_special_tokens=True):
            return ""
    cases = [case for case in goldens.cases_of(Alike(), 60) if "bytes" in case]
    goldens.write(HERE / name / "cases.json", cases)


def siglip():
    path = folder("spm_siglip")
    (path / "spiece.model").write_bytes(train(vocab_size=290, model_type="unigram", pad_id=0, eos_id=1, unk_id=2, bos_id=-1))
    (path / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "SiglipTokenizer"}))
    finish_encoding("spm_siglip", SiglipTokenizer(str(path / "spiece.model")))


def clip():
    vocab, merges = byte_level("clip")
    vocab |= {"<|startoftext|>": len(vocab), "<|endoftext|>": len(vocab) + 1}
    path = folder("clip_files")
    (path / "vocab.json").write_text(json.dumps(vocab))
    (path / "merges.txt").write_text("#version: 0.2\n" + "".join(" ".join(merge) + "\n" for merge in merges))
    (path / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "CLIPTokenizer"}))
    finish_encoding("clip_files", CLIPTokenizer.from_pretrained(path))


def byte_level(name):
    document = json.loads((HERE / name / "tokenizer.json").read_text())
    vocab = document["model"]["vocab"]
    merges = [m.split(" ") if isinstance(m, str) else m for m in document["model"]["merges"]]
    return dict(sorted(vocab.items(), key=lambda item: item[1])), merges


def tiktoken():
    vocab, _ = byte_level("llama3")
    letters = {letter: byte for byte, letter in bytes_to_unicode().items()}
    path = folder("tiktoken_llama3")
    lines = [base64.b64encode(bytes(letters[c] for c in token)).decode() + f" {i}" for i, token in enumerate(vocab)]
    (path / "tokenizer.model").write_text("\n".join(lines) + "\n")
    count = len(vocab)
    config = {"tokenizer_class": "TokenizersBackend", "add_bos_token": True, "bos_token": "<|begin_of_text|>", "eos_token": "<|end_of_text|>",
              "added_tokens_decoder": {str(count): entry("<|begin_of_text|>"), str(count + 1): entry("<|end_of_text|>"), str(count + 4): entry("<|eot_id|>")}}
    (path / "tokenizer_config.json").write_text(json.dumps(config))
    finish("tiktoken_llama3", TokenizersBackend.from_pretrained(path).backend_tokenizer)


def write_gguf(name, architecture, model, tokens, types, **arrays):
    path = folder(name) / "model.gguf"
    writer = gguf.GGUFWriter(str(path), architecture)
    writer.add_tokenizer_model(model)
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    for key, value in arrays.items():
        getattr(writer, f"add_{key}")(value)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    architecture, dictionary, config = get_gguf_tokenizer(str(path))
    backend, _ = convert_gguf_tokenizer(architecture, dictionary)
    wrapped = TokenizersBackend(tokenizer_object=backend, **{k: v for k, v in config.items() if v is not None and k != "chat_template"})
    finish(name, wrapped.backend_tokenizer)


def ggufs():
    vocab, merges = byte_level("llama3")
    # The reference puts the names that its classes have for special tokens after a vocabulary that lacks them.
    tokens = list(vocab) + ["<|start|>", "<|end|>", "<think>", "<|endoftext|>"]
    types = [1] * len(vocab) + [3, 3, 4, 3]
    common = dict(token_merges=[" ".join(m) for m in merges], bos_token_id=len(vocab), eos_token_id=len(vocab) + 1)
    for pre in ("llama-bpe", "gpt-4o", "tekken", "gpt-2"):
        write_gguf(f"gguf_{pre}", "llama", "gpt2", tokens, types, tokenizer_pre=pre, add_bos_token=pre != "gpt-2", **common)
    model = sentencepiece.SentencePieceProcessor(model_proto=train(vocab_size=600, model_type="bpe", byte_fallback=True, control_symbols=["<ctl>", "<bos>", "<eos>", "<pad>", "<mask>"], user_defined_symbols=["<user>"]))
    ids = range(model.get_piece_size())
    tokens = [model.id_to_piece(i) for i in ids]
    types = [2 if model.is_unknown(i) else 3 if model.is_control(i) else 6 if model.is_byte(i) else 4 if t == "<user>" else 1 for i, t in zip(ids, tokens)]
    scores = [model.get_score(i) for i in ids]
    common = dict(token_scores=scores, bos_token_id=1, eos_token_id=2, unk_token_id=0)
    write_gguf("gguf_spm", "llama", "llama", tokens, types, **common)
    write_gguf("gguf_phi3", "phi3", "llama", tokens, types, add_eos_token=True, **common)
    write_gguf("gguf_gemma", "gemma2", "llama", tokens, types, **common)


if __name__ == "__main__":
    sentencepieces()
    siglip()
    clip()
    tiktoken()
    ggufs()
