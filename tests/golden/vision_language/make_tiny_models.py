#!/usr/bin/env python3
"""Makes the tiny random language models that read pictures beside this script, each with reference.safetensors for
`millrace verify`.

Made with transformers 5.23.0, torch 2.15.0 and Pillow (float32, eager, CPU):
    python tests/golden/vision_language/make_tiny_models.py [NAME...]
"""
import pathlib
import sys

import torch

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from grid_models import GRID_MODELS  # noqa: E402
from tiny_model import image_processor, make_folder, write_reference  # noqa: E402


def vision(model_type, width=18, layers=2, heads=3, ffn=14, size=15, patch=4, **more):
    return dict(model_type=model_type, hidden_size=width, num_hidden_layers=layers, num_attention_heads=heads,
                intermediate_size=ffn, image_size=size, patch_size=patch) | more


def text(model_type, width=20, layers=2, heads=2, kv=1, ffn=18, words=52, positions=64, **more):
    return dict(model_type=model_type, hidden_size=width, num_hidden_layers=layers, num_attention_heads=heads,
                num_key_value_heads=kv, intermediate_size=ffn, vocab_size=words, max_position_embeddings=positions) | more


def plain_pictures(size, channels=3):
    return lambda generator, n: {"pixel_values": torch.randn((n, channels, size, size), generator=generator)}


CLIP_VALUES = dict(image_mean=[0.48145466, 0.4578275, 0.40821073], image_std=[0.26862954, 0.26130258, 0.27577711])


def llava(size=15, **config):
    return dict(model_type="llava", config=dict(image_token_index=50) | config, pictures=plain_pictures(size))


def tiled_pictures(edge, sizes, most):
    """Of LLaVA-NeXT, all filled up to `most` tiles."""
    return lambda generator, n: {"pixel_values": torch.randn((n, most, 3, edge, edge), generator=generator),
                                 "image_sizes": torch.tensor(sizes[:n])}


def llava_next(**config):
    config = dict(image_token_index=50, vision_config=vision("clip_vision_model", size=9), text_config=text("mistral"),
                  image_grid_pinpoints=[[9, 18], [18, 9], [27, 9]]) | config
    return dict(model_type="llava_next", config=config, pictures=tiled_pictures(9, [(13, 29), (50, 15)], 4))


def listed_pictures(edge, shown=None):
    """Of Idefics 3, with an empty one behind them, and a mask in which the last picture has padding."""
    def pictures(generator, n):
        pixels = torch.randn((1, n + 1, 3, edge, edge), generator=generator)
        pixels[:, n:] = 0
        if shown is None:
            return {"pixel_values": pixels}
        mask = torch.ones((1, n + 1, edge, edge), dtype=torch.int64)
        mask[:, n - 1, shown[0]:] = 0
        mask[:, n - 1, :, shown[1]:] = 0
        return {"pixel_values": pixels, "pixel_attention_mask": mask}
    return pictures


def idefics(model_type="idefics3", edge=12, patch=3, shown=None, **config):
    def embeddings(model, given):
        whole = torch.cat(model.get_image_features(**given).pooler_output)
        side = edge // model.config.vision_config.patch_size // model.config.scale_factor
        return list(whole.reshape(-1, side * side, whole.shape[-1]))
    encoder = dict(hidden_size=18, num_hidden_layers=2, num_attention_heads=3, intermediate_size=14, image_size=edge,
                   patch_size=patch)
    return dict(model_type=model_type, pictures=listed_pictures(edge, shown), embeddings=embeddings,
                config=dict(image_token_id=50, vision_config=encoder, text_config=text("llama")) | config)


def gemma3(size=17, **config):
    return dict(model_type="gemma3", pictures=plain_pictures(size), types=lambda model, ids, whole: (
        ids == model.config.image_token_id).long(), config=dict(image_token_index=60, mm_tokens_per_image=4, vision_config=vision(
            "siglip_vision_model", size=size, vision_use_head=False)) | config)


def gemma3_text(**config):
    return text("gemma3_text", layers=3, head_dim=10, sliding_window=4, query_pre_attn_scalar=7, layer_types=[
        "sliding_attention", "full_attention", "sliding_attention"]) | config


def answer_types(model, ids, whole):
    """Of PaliGemma: the last three tokens are an answer."""
    types = torch.zeros_like(ids)
    types[:, -3:] = int(whole)
    return types


def paligemma(**config):
    return dict(model_type="paligemma", pictures=plain_pictures(12), types=answer_types, config=dict(
        image_token_index=50, projection_dim=20, hidden_size=20, vocab_size=52,
        vision_config=vision("siglip_vision_model", size=12, vision_use_head=False)) | config)


def onevision(edge, sizes, most, counts=None, **config):
    """Pictures taken apart, or with `counts` some that are not."""
    plain = tiled_pictures(edge, sizes, most)

    def pictures(generator, n):
        return plain(generator, n) | ({"batch_num_images": torch.tensor([counts] if counts == n else [1] * n)} if counts else {})
    config = dict(image_token_index=50, vision_config=vision("siglip_vision_model", size=edge, vision_use_head=False),
                  text_config=text("qwen2")) | config
    return dict(model_type="llava_onevision", config=config, pictures=pictures)


def internvl(size=15, **config):
    encoder = dict(hidden_size=18, num_hidden_layers=3, num_attention_heads=3, intermediate_size=14, image_size=[size, size],
                   patch_size=[3, 3])
    vision_config = encoder | config.pop("vision_config", {})
    return dict(model_type="internvl", pictures=plain_pictures(size), config=dict(
        image_token_id=50, image_seq_length=4, vision_config=vision_config) | config)


TILES = dict(size={"longest_edge": 20}, max_image_size={"longest_edge": 12})

# How checkpoints of the Hub call parts, older and newer ones.
OLD_TOWER = [("vision_tower.", "vision_tower.vision_model.")]
NEW_NAMES = [("vision_tower.", "model.vision_tower."), ("language_model.model.", "model.language_model."),
             ("language_model.lm_head.", "lm_head."), ("multi_modal_projector.", "model.multi_modal_projector.")]

MODELS = {
    "llava": llava(vision_config=vision("clip_vision_model"), text_config=text("llama")) | dict(
        processor=("LlavaImageProcessor", dict(size={"shortest_edge": 15}, crop_size={"height": 15, "width": 15})),
        sizes=[(23, 31), (16, 9)]),
    "llava_layers": llava(
        vision_config=vision("clip_vision_model"), text_config=text("mistral", sliding_window=7),
        vision_feature_layer=[-1, 0, -2], vision_feature_select_strategy="full", projector_hidden_act="gelu_new") | dict(
            processor=("LlavaImageProcessor", dict(size={"height": 15, "width": 15}, do_center_crop=False, do_pad=True)),
            sizes=[(23, 31), (16, 9)]),
    "llava_siglip": llava(
        size=14, vision_config=vision("siglip_vision_model", size=14, vision_use_head=False),
        text_config=text("qwen2", tie_word_embeddings=True), vision_feature_layer=-1,
        vision_feature_select_strategy="full", multimodal_projector_bias=False, tie_word_embeddings=True),
    # As the checkpoints of the Hub spell it: old keys, what equals the class's defaults left out.
    "llava_gemma": llava(
        vision_config=vision("clip_vision_model", layers=1), text_config=text("gemma", head_dim=10),
        vision_feature_layer=1) | dict(
            drop=["vision_config.model_type", "image_seq_length", "multimodal_projector_bias"], weights=OLD_TOWER,
            add={"ignore_index": -100, "vocab_size": 32064, "hidden_size": 4096, "vision_config": {"vocab_size": 32000},
                 "text_config": {"_name_or_path": "a/b", "torch_dtype": "float16"}}),
    "llava_next": llava_next() | dict(
        processor=("LlavaNextImageProcessor", dict(size={"shortest_edge": 9}, crop_size={"height": 9, "width": 9},
                                                   image_grid_pinpoints=[[9, 18], [18, 9], [27, 9]])),
        sizes=[(23, 31), (29, 9)]),
    "idefics3": idefics(shown=(7, 5)) | dict(processor=("Idefics3ImageProcessor", TILES), sizes=[(23, 31), (7, 5)]),
    "smolvlm": idefics("smolvlm", patch=4, scale_factor=3, tie_word_embeddings=True, text_config=text(
        "llama", tie_word_embeddings=True)) | dict(
            add={"vocab_size": 52, "image_seq_len": 81, "transformers.js_config": {"dtype": {"q4f16": "float16"}},
                 "text_config": {"qk_layer_norms": False, "perceiver_config": {"resampler_depth": 6}},
                 "vision_config": {"size": {"longest_edge": 48}}},
            processor=("SmolVLMImageProcessor", dict(
                size={"longest_edge": 20}, max_image_size={"longest_edge": 12}, do_image_splitting=False)),
            sizes=[(9, 31)]),
    "gemma3": gemma3(text_config=gemma3_text()) | dict(
        processor=("Gemma3ImageProcessor", dict(
            size={"height": 17, "width": 17}, do_pan_and_scan=True, pan_and_scan_min_crop_size=8,
            pan_and_scan_max_num_crops=3, pan_and_scan_min_ratio_to_activate=1.3)),
        sizes=[(21, 40), (31, 9)]),
    # The token of pictures is in the vocabulary, and the head a matrix of its own.
    "gemma3_untied": gemma3(size=21, image_token_index=50, tie_word_embeddings=False, text_config=gemma3_text(
        tie_word_embeddings=False, final_logit_softcapping=5.0)) | dict(
            weights=NEW_NAMES, processor=("Gemma3ImageProcessor", dict(size={"height": 12, "width": 14})), sizes=[(9, 31)]),
    "paligemma": paligemma(text_config=text("gemma", head_dim=10)) | dict(
        weights=OLD_TOWER, add={"ignore_index": -100,
                                "vision_config": {"num_positions": 9, "projector_hidden_act": "gelu_fast"}},
        processor=("SiglipImageProcessor", dict(size={"height": 12, "width": 12})), sizes=[(23, 31)]),
    "internvl": internvl(size=12, text_config=text("qwen2", width=24, kv=2, heads=4), vision_config=dict(attention_bias=True)) | dict(
        processor=("GotOcr2ImageProcessor", dict(size={"height": 12, "width": 12}, crop_to_patches=True, max_patches=6)),
        sizes=[(23, 31), (40, 9), (9, 9)]),
    "internvl_rms": internvl(
        size=12, tie_word_embeddings=False, text_config=text("qwen3", head_dim=6), downsample_ratio=0.25,
        vision_feature_layer=2, projector_hidden_act="relu", vision_config=dict(
            norm_type="rms_norm", use_qk_norm=True, use_mean_pooling=False, layer_norm_eps=1e-4, use_mask_token=True)) | dict(
                processor=("GotOcr2ImageProcessor", dict(size={"height": 12, "width": 14}, resample=2)), sizes=[(23, 31)]),
    "llava_onevision": onevision(
        9, [(13, 40), (30, 35)], 5, vision_aspect_ratio="anyres_max_2", vision_config=vision(
            "siglip_vision_model", size=9, patch=3, vision_use_head=False),
        image_grid_pinpoints=[[9, 18], [9, 27], [18, 18]]) | dict(
            processor=("LlavaOnevisionImageProcessor", dict(
                size={"height": 9, "width": 9}, image_grid_pinpoints=[[9, 18], [9, 27], [18, 18]])),
            sizes=[(23, 31), (9, 29)]),
    # Several pictures of a text are not taken apart.
    "llava_onevision_several": onevision(
        8, [(13, 40), (30, 35)], 7, counts=2, text_config=text("qwen2", tie_word_embeddings=True), tie_word_embeddings=True,
        multimodal_projector_bias=False, image_grid_pinpoints=[[8, 16], [16, 24]], vision_feature_layer=-2,
        vision_config=vision("clip_vision_model", size=8), vision_feature_select_strategy="default"),
    "paligemma2": paligemma(text_config=text("gemma2", layers=3, head_dim=10, sliding_window=5, query_pre_attn_scalar=7)),
    **GRID_MODELS,
}


def make(name):
    model = MODELS[name]
    folder = HERE / name
    seed = sum(map(ord, name))
    changes = {key: model[key] for key in ("drop", "rename", "add", "weights") if key in model}
    make_folder(folder, model["model_type"], model["config"], seed, **changes)
    if "finish" in model:
        model["finish"](folder)
    processor = image_processor(folder, *model["processor"]) if "processor" in model else None
    write_reference(folder, seed, model["pictures"], processor, model.get("sizes", ()),
                    embeddings=model.get("embeddings"), types=model.get("types"),
                    types_name=model.get("types_name", "token_type_ids"))


if __name__ == "__main__":
    for wanted in sys.argv[1:] or MODELS:
        make(wanted)
