"""The tiny models of make_tiny_models.py that take pictures of any size: Qwen2-VL and its like."""

import json

import torch
from safetensors.torch import load_file, save_file


def grids(sizes, values, merge):
    """Of pictures of `sizes`, rows and columns of squares of `merge` patches; `values` [...] is a patch's shape."""
    def pictures(generator, n):
        grid = torch.tensor([(1, rows * merge, columns * merge) for rows, columns in sizes[:n]])
        patches = int(grid.prod(-1).sum())
        return {"pixel_values": torch.randn((patches, *values), generator=generator), "image_grid_thw": grid}
    return pictures


def media_types(model, ids, whole):
    return (ids == model.config.image_token_id).long()


def words(model_type, sections=(1, 2, 2), width=20, layers=2, heads=2, kv=1, ffn=18, vocabulary=52, theta=300.0,
          rope=(), **more):
    return dict(model_type=model_type, hidden_size=width, num_hidden_layers=layers, num_attention_heads=heads,
                num_key_value_heads=kv, intermediate_size=ffn, vocab_size=vocabulary, max_position_embeddings=64,
                rope_parameters=dict(rope_type="default", rope_theta=theta, mrope_section=list(sections)) | dict(rope)
                ) | more


def model(model_type, vision, text, sizes, merge, values, **more):
    config = dict(vision_config=vision, text_config=text, image_token_id=50, video_token_id=49) | more.pop("config", {})
    return dict(model_type=model_type, config=config, pictures=grids(sizes, values, merge), types=media_types,
                types_name="mm_token_type_ids") | more


def processor(patch, merge, frames, least, most, name="Qwen2VLImageProcessor", **more):
    return (name, dict(patch_size=patch, merge_size=merge, temporal_patch_size=frames,
                       size={"shortest_edge": least, "longest_edge": most}) | more)


def qwen2(patch=2, merge=2, frames=2, sizes=((2, 3), (3, 1)), vision=(), text=(), **more):
    encoder = dict(depth=2, embed_dim=24, num_heads=2, hidden_size=20, mlp_ratio=2, patch_size=patch,
                   spatial_merge_size=merge, temporal_patch_size=frames) | dict(vision)
    return model("qwen2_vl", encoder, words("qwen2_vl_text", **dict(text)), sizes, merge,
                 (encoder.get("in_channels", 3) * frames * patch * patch,), **more)


def qwen2_5(patch=2, merge=2, frames=2, sizes=((3, 3), (1, 4)), vision=(), text=(), **more):
    encoder = dict(depth=3, hidden_size=24, num_heads=2, out_hidden_size=20, intermediate_size=14, patch_size=patch,
                   spatial_merge_size=merge, temporal_patch_size=frames, window_size=2 * merge * patch + 1,
                   fullatt_block_indexes=[1]) | dict(vision)
    return model("qwen2_5_vl", encoder, words("qwen2_5_vl_text", **dict(text)), sizes, merge,
                 (3 * frames * patch * patch,), **more)


def qwen3(patch=2, merge=2, frames=2, sizes=((2, 3), (3, 1)), vision=(), text=(), **more):
    encoder = dict(depth=3, hidden_size=16, num_heads=2, out_hidden_size=20, intermediate_size=14, patch_size=patch,
                   spatial_merge_size=merge, temporal_patch_size=frames, num_position_embeddings=16,
                   deepstack_visual_indexes=[0, 1]) | dict(vision)
    return model("qwen3_vl", encoder, words(**(dict(model_type="qwen3_vl_text", head_dim=14, sections=(3, 2, 2)) | dict(text))),
                 sizes, merge, (3 * frames * patch * patch,), **more)


def qwen3_moe(text=(), **more):
    made = qwen3(text=dict(model_type="qwen3_vl_moe_text", num_experts=4, num_experts_per_tok=2, moe_intermediate_size=12,
                           tie_word_embeddings=False) | dict(text), **more)
    return made | dict(model_type="qwen3_vl_moe")


def paddle(patch=2, merge=2, sizes=((2, 3), (3, 1)), vision=(), text=(), **more):
    encoder = dict(num_hidden_layers=2, hidden_size=24, num_attention_heads=2, intermediate_size=14, patch_size=patch,
                   image_size=3 * patch, spatial_merge_size=merge) | dict(vision)
    return model("paddleocr_vl", encoder, words("paddleocr_vl_text", **(dict(head_dim=10, rms_norm_eps=1e-5) | dict(text))),
                 sizes, merge, (3, patch, patch), **more)


def as_of_the_hub(folder, rope_type="mrope"):
    """As the checkpoints of transformers 4 spell it: the text's config flat."""
    path = folder / "config.json"
    config = json.loads(path.read_text())
    text, vision = config.pop("text_config"), config["vision_config"]
    rope = text.pop("rope_parameters")
    for key in ("model_type", "dtype", "layer_types"):
        text.pop(key, None)
    config |= text | {"rope_theta": rope["rope_theta"],
                      "rope_scaling": {"type": rope_type, "mrope_section": rope["mrope_section"]}}
    for key in ("model_type", "dtype", "rope_parameters"):
        vision.pop(key, None)
    if "in_channels" in vision:
        vision |= {"in_chans": vision.pop("in_channels"), "spatial_patch_size": vision["patch_size"]}
    path.write_text(json.dumps(config, indent=2) + "\n")


def with_new_names(folder):
    """As transformers 5 calls the weights while it computes, and as no file of it does."""
    def rename(name):
        if name.startswith("visual."):
            return "model." + name
        if name.startswith("mlp_AR."):
            return name.replace("mlp_AR.", "model.projector.")
        if name.startswith("model.") and not name.startswith(("model.visual.", "model.language_model.")):
            return name.replace("model.", "model.language_model.", 1)
        return name
    for file in folder.glob("*.safetensors"):
        save_file({rename(name): tensor for name, tensor in load_file(file).items()}, file, {"format": "pt"})


def with_transposed_experts(folder):
    """As the Hub's checkpoints have them."""
    for file in folder.glob("*.safetensors"):
        tensors = {name: tensor.mT.contiguous() if ".experts." in name else tensor
                   for name, tensor in load_file(file).items()}
        save_file(tensors, file, {"format": "pt"})


SIZES = [(13, 21), (60, 25), (9, 41)]

GRID_MODELS = {
    "qwen2_vl": qwen2() | dict(processor=processor(2, 2, 2, 200, 700), sizes=SIZES),
    "qwen2_vl_old": qwen2(text=dict(kv=2), config=dict(tie_word_embeddings=True), finish=as_of_the_hub) | dict(
        processor=("Qwen2VLImageProcessor", dict(patch_size=3, merge_size=2, temporal_patch_size=1, min_pixels=100,
                                                 max_pixels=900, image_mean=[0.5, 0.4, 0.3])), sizes=SIZES),
    "qwen2_vl_odd": qwen2(patch=3, merge=3, frames=1, sizes=((1, 2), (2, 1)), vision=dict(embed_dim=12, num_heads=1, in_channels=2),
                          text=dict(use_sliding_window=True, sliding_window=4, max_window_layers=1,
                                    rope=dict(rope_type="yarn", factor=3.0, original_max_position_embeddings=16)),
                          finish=with_new_names),
    "qwen2_5_vl": qwen2_5() | dict(processor=processor(2, 2, 2, 200, 700), sizes=SIZES[:1]),
    "qwen2_5_vl_old": qwen2_5(merge=3, frames=1, sizes=((3, 2), (1, 3)), vision=dict(hidden_size=12, num_heads=1), config=dict(tie_word_embeddings=True), finish=as_of_the_hub),
    "qwen3_vl": qwen3() | dict(processor=processor(2, 2, 2, 200, 700, image_mean=[0.5] * 3, image_std=[0.5] * 3),
                               sizes=SIZES[:1]),
    "qwen3_vl_tied": qwen3(patch=3, merge=1, frames=1, sizes=((4, 2), (1, 3)), vision=dict(
        num_position_embeddings=11, deepstack_visual_indexes=[2, 0, 1], hidden_size=24), text=dict(
            kv=2, head_dim=10, sections=(1, 1, 2)), config=dict(tie_word_embeddings=True)),
    "qwen3_vl_moe": qwen3_moe(finish=with_transposed_experts),
    "paddleocr_vl": paddle(finish=with_new_names) | dict(
        processor=processor(2, 2, 1, 200, 700, "PaddleOCRVLImageProcessor"), sizes=[*SIZES, (5, 41)]),
    "paddleocr_vl_old": paddle(patch=3, merge=1, text=dict(kv=2, use_bias=True, tie_word_embeddings=False), config=dict(
        tie_word_embeddings=False), finish=lambda folder: as_of_the_hub(folder, "default")),
}
