"""The tiny language models that hear, by name: their configs, and how transformers prepares and encodes sounds for them."""
import types

import numpy
import torch
from granite_features import granite_extractor
from transformers import (AudioFlamingo3Config, AudioFlamingo3ForConditionalGeneration, AutoModelForMultimodalLM,
                          VoxtralProcessor, WhisperFeatureExtractor)
from transformers.masking_utils import create_bidirectional_mask

AutoModelForMultimodalLM.register(AudioFlamingo3Config, AudioFlamingo3ForConditionalGeneration, exist_ok=True)


def text(model_type, width=20, layers=2, heads=2, kv=1, ffn=18, words=52, positions=128, **more):
    return dict(model_type=model_type, hidden_size=width, num_hidden_layers=layers, num_attention_heads=heads,
                num_key_value_heads=kv, intermediate_size=ffn, vocab_size=words, max_position_embeddings=positions) | more


def waveform(samples, seed):
    """A chirp with some noise."""
    time = numpy.arange(samples) / 16000
    noise = numpy.random.default_rng(seed).normal(0, 0.02, samples)
    return (0.4 * numpy.sin(2 * numpy.pi * (200 + 900 * time) * time + seed) + noise).astype(numpy.float32)


def whisper_features(bands=5, seconds=1, **more):
    return WhisperFeatureExtractor(feature_size=bands, chunk_length=seconds, **more)


def masked_windows(bands, frames, counts, mask):
    """Random windows, of the n-th of which counts[n] frames are sound."""
    def sounds(generator, n):
        features = torch.randn((n, bands, frames), generator=generator)
        heard = torch.arange(frames)[None] < torch.tensor(counts[:n])[:, None]
        return {"input_features": features, mask: heard.long()}
    return sounds


# Qwen2-Audio

def qwen2_audio_embeddings(model, given):
    """What Qwen2AudioModel.forward puts into the text."""
    tower, mask = model.model.audio_tower, given["feature_attention_mask"]
    positions, rows = tower._get_feat_extract_output_lengths(mask.sum(-1))
    length = (mask.shape[1] - 2) // 2 + 1
    seen = create_bidirectional_mask(
        config=tower.config, inputs_embeds=torch.zeros((mask.shape[0], length, 1)),
        attention_mask=(torch.arange(length)[None] < positions[:, None]).long())
    states = tower(given["input_features"], attention_mask=seen).last_hidden_state
    return [part[:count] for part, count in zip(model.model.multi_modal_projector(states), rows)]


def preprocess_first(extractor, mask, lengths):
    """As Qwen2AudioProcessor: one window, filled up or cut."""
    def add(reference):
        for samples in lengths:
            sound = waveform(samples, samples)
            out = extractor(sound, sampling_rate=16000, padding="max_length", return_attention_mask=True, return_tensors="pt")
            reference.add("preprocess", {"waveform": sound},
                          {"input_features": out.input_features, mask: out.attention_mask.long()}, str(samples))
    return add


def qwen2_audio(counts, lengths=(), encoder=(), **config):
    encoder = dict(model_type="qwen2_audio_encoder", num_mel_bins=5, d_model=22, encoder_layers=2,
                   encoder_attention_heads=2, encoder_ffn_dim=18, max_source_positions=50) | dict(encoder)
    extractor, mask = whisper_features(encoder["num_mel_bins"]), "feature_attention_mask"
    return dict(model_type="qwen2_audio", extractor=extractor,
                sounds=masked_windows(encoder["num_mel_bins"], 2 * encoder["max_source_positions"], counts, mask),
                embeddings=qwen2_audio_embeddings, preprocess=preprocess_first(extractor, mask, lengths),
                config=dict(audio_token_index=50, audio_config=encoder, text_config=text("qwen2")) | config)


# Voxtral

def windows_of_sounds(bands, frames, windows):
    """Random windows, as many as each sound has, all in one batch."""
    return lambda generator, n: {"input_features": torch.randn((sum(windows[:n]), bands, frames), generator=generator)}


def preprocess_joint(extractor, frames, lengths):
    """As VoxtralProcessor, whose windows are those of the extractor."""
    def add(reference):
        for samples in lengths:
            sound = waveform(samples, samples)
            features = VoxtralProcessor._retrieve_input_features(
                types.SimpleNamespace(feature_extractor=extractor), [sound], frames, sampling_rate=16000, padding=True,
                truncation=False, pad_to_multiple_of=extractor.n_samples, return_tensors="pt")
            reference.add("preprocess", {"waveform": sound}, {"input_features": features}, str(samples))
    return add


def voxtral(windows, lengths=(), encoder=(), **config):
    encoder = dict(model_type="voxtral_encoder", num_mel_bins=5, hidden_size=22, num_hidden_layers=2, num_attention_heads=2,
                   intermediate_size=110, max_source_positions=50) | dict(encoder)
    extractor, frames = whisper_features(encoder["num_mel_bins"]), 2 * encoder["max_source_positions"]
    a_window = encoder["max_source_positions"] * encoder["hidden_size"] // encoder["intermediate_size"]

    def embeddings(model, given):
        rows = model.get_audio_features(**given).pooler_output.split(a_window)
        return [torch.cat(rows[sum(windows[:i]):sum(windows[:i + 1])]) for i in range(len(windows))
                if sum(windows[:i + 1]) <= len(rows)]
    return dict(model_type="voxtral", extractor=extractor, embeddings=embeddings,
                sounds=windows_of_sounds(encoder["num_mel_bins"], frames, windows),
                preprocess=preprocess_joint(extractor, frames, lengths),
                config=dict(audio_token_id=24, audio_config=encoder, text_config=text("llama", head_dim=12)) | config)


# Audio Flamingo 3 and GLM-ASR

def preprocess_each(extractor, mask, lengths):
    """As AudioFlamingo3Processor: windows one by one."""
    def add(reference):
        for samples in lengths:
            sound = waveform(samples, samples)
            parts = [sound[i:i + extractor.n_samples] for i in range(0, samples, extractor.n_samples)]
            out = extractor(parts, sampling_rate=16000, return_attention_mask=True, return_tensors="pt")
            reference.add("preprocess", {"waveform": sound},
                          {"input_features": out.input_features, mask: out.attention_mask.long()}, str(samples))
    return add


def split_by(counts):
    """Rows of all sounds as those of each, of which counts(frames heard) tells how many they are."""
    def embeddings(model, given):
        rows = model.get_audio_features(**given).pooler_output
        return list(rows.split([counts(int(heard)) for heard in given["input_features_mask"].sum(-1)]))
    return embeddings


def flamingo(counts, lengths=(), encoder=(), **config):
    encoder = dict(model_type="audioflamingo3_encoder", num_mel_bins=5, hidden_size=22, num_hidden_layers=2,
                   num_attention_heads=2, intermediate_size=18, max_source_positions=50) | dict(encoder)
    extractor, mask = whisper_features(encoder["num_mel_bins"]), "input_features_mask"
    return dict(model_type="audioflamingo3", extractor=extractor,
                sounds=masked_windows(encoder["num_mel_bins"], 2 * encoder["max_source_positions"], counts, mask),
                embeddings=split_by(lambda heard: ((heard - 1) // 2 + 1) // 2),
                preprocess=preprocess_each(extractor, mask, lengths),
                config=dict(audio_token_id=50, audio_config=encoder, text_config=text("qwen2")) | config)


def glm(counts, lengths=(), frames=64, encoder=(), **config):
    encoder = dict(model_type="glmasr_encoder", num_mel_bins=5, hidden_size=24, num_hidden_layers=2, num_attention_heads=4,
                   num_key_value_heads=2, intermediate_size=96) | dict(encoder)
    extractor, mask = whisper_features(encoder["num_mel_bins"], hop_length=250), "input_features_mask"
    return dict(model_type="glmasr", extractor=extractor,
                sounds=masked_windows(encoder["num_mel_bins"], frames, counts, mask),
                embeddings=split_by(lambda heard: ((heard - 1) // 2 + 1) // 4),
                preprocess=preprocess_each(extractor, mask, lengths),
                config=dict(audio_token_id=50, audio_config=encoder, text_config=text("llama"), tie_word_embeddings=False) | config)


# Granite Speech

def granite_sounds(rows, bands, window, queries):
    """Random features, of the n-th sound rows[n], with those of shorter ones filled up."""
    def sounds(generator, n):
        features = torch.randn((n, max(rows[:n]), bands), generator=generator)
        counts = torch.tensor([-(-count // window) * queries for count in rows[:n]])
        for i, count in enumerate(rows[:n]):
            features[i, count:] = 0
        return {"input_features": features, "input_features_mask": torch.arange(counts.max())[None] < counts[:, None]}
    return sounds


def granite_embeddings(model, given):
    rows = model.get_audio_features(given["input_features"]).pooler_output
    return [part[heard] for part, heard in zip(rows, given["input_features_mask"])]


def preprocess_whole(extractor, lengths):
    def add(reference):
        for samples in lengths:
            sound = waveform(samples, samples)
            out = extractor(sound)
            reference.add("preprocess", {"waveform": sound},
                          {key: out[key] for key in ("input_features", "input_features_mask")}, str(samples))
    return add


def shake_statistics(model):
    generator = torch.Generator().manual_seed(1)
    for name, values in model.named_buffers():
        if name.endswith("running_mean"):
            values.copy_(0.2 * torch.randn(values.shape, generator=generator))
        if name.endswith("running_var"):
            values.copy_(0.5 + torch.rand(values.shape, generator=generator))


def granite(rows=(17, 11), window=6, rate=3, lengths=(), encoder=(), projector=(), **config):
    encoder = dict(input_dim=10, num_layers=3, hidden_dim=22, feedforward_mult=2, num_heads=2, dim_head=5, output_dim=7,
                   context_size=7, max_pos_emb=9, conv_kernel_size=5, conv_expansion_factor=2) | dict(encoder)
    projector = dict(model_type="blip_2_qformer", hidden_size=12, num_hidden_layers=2, num_attention_heads=3,
                     intermediate_size=14, encoder_hidden_size=encoder["hidden_dim"], cross_attention_frequency=1,
                     vocab_size=3) | dict(projector)
    words = text("granite", embedding_multiplier=2.0, attention_multiplier=0.3, residual_multiplier=0.7, logits_scaling=3.0)
    extractor = granite_extractor(n_mels=encoder["input_dim"] // 2, projector_window_size=window, projector_downsample_rate=rate)
    return dict(model_type="granite_speech", extractor=extractor, embeddings=granite_embeddings, adjust=shake_statistics,
                sounds=granite_sounds(rows, encoder["input_dim"], window, window // rate),
                preprocess=preprocess_whole(extractor, lengths),
                config=dict(audio_token_index=50, encoder_config=encoder, projector_config=projector, text_config=words,
                            window_size=window, downsample_rate=rate, has_lora_adapter=False) | config)


MODELS = {
    "qwen2_audio": qwen2_audio([33, 58], lengths=[3001, 16005]),
    # As the checkpoints of the Hub spell it: no model_types inside, old keys; sounds of one frame more or less.
    "qwen2_audio_old": qwen2_audio([43, 44], text_config=text("qwen2", width=24, heads=4, kv=2)) | dict(
        drop=["audio_config.model_type", "text_config.model_type"]),
    "voxtral": voxtral([1, 2], lengths=[3001, 16005]),
    # What equals the class's defaults left out.
    "voxtral_old": voxtral([2, 1], text_config=text("llama", head_dim=10, rope_theta=1e8, rms_norm_eps=1e-5)) | dict(
        drop=["text_config.rope_parameters", "text_config.rms_norm_eps", "audio_config.model_type"]),
    "audioflamingo3": flamingo([41, 7], lengths=[17003], projector_bias=False, projector_hidden_act="gelu_new"),
    "glmasr": glm([64, 29], lengths=[19001]),
    "granite_speech": granite(lengths=[2001, 4803]),
    # A token beyond the vocabulary, filters of even length, layers that do not ask, blocks that the sounds fill.
    "granite_speech_blocks": granite(rows=(8, 12), window=4, rate=2, audio_token_index=60, tie_word_embeddings=False,
                                     encoder=dict(conv_kernel_size=4, context_size=4, num_layers=2, dim_head=None),
                                     projector=dict(cross_attention_frequency=2)),
    "granite_speech_adapter": granite(rows=(9, 5), has_lora_adapter=True) | dict(adapter=dict(rank=2, alpha=3, names=[
        "q_proj", "v_proj", "down_proj"])),
}
