#!/usr/bin/env python3
"""Makes random variants of the families of make_tiny_models.py: other sizes, encoders, decoders and options.

With transformers 5.23.0, torch and Pillow:
    python tests/golden/vision_language/sweep.py --out DIR --count 60 [--family llava] [--seed 0]
    for i in DIR/*; do millrace verify $i $i/reference.safetensors || echo $i; done
"""
import pathlib
import sys

import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import grid_models  # noqa: E402
import make_tiny_models as tiny  # noqa: E402
import variants  # noqa: E402
from tiny_model import image_processor, make_folder, write_reference  # noqa: E402


class Choice(variants.Choice):
    def text(self, *families, **more):
        kv, head_dim = self.choice([1, 2]), self.choice([6, 8, 10, 12])
        heads = kv * self.choice([1, 2, 3])
        return tiny.text(self.choice(families), width=heads * head_dim, layers=self.randint(1, 3), heads=heads, kv=kv,
                         ffn=self.randint(5, 40), words=self.randint(40, 80), positions=256, head_dim=head_dim,
                         rms_norm_eps=self.choice([1e-5, 1e-6])) | more

    def vision(self, family, edge, patch, **more):
        heads = self.choice([1, 2, 3])
        return tiny.vision(family, width=heads * self.choice([6, 8, 10]), layers=self.randint(1, 3), heads=heads,
                           ffn=self.randint(5, 40), size=edge, patch=patch,
                           hidden_act=self.choice(["gelu", "quick_gelu", "gelu_pytorch_tanh"])) | more

    def side(self, least=2, most=4):
        """Pixels of a picture and of a patch; what is beyond the last whole patch is left out."""
        patch = self.choice([3, 4, 5])
        return self.randint(least, most) * patch, patch


def llava(r):
    edge, patch = r.side()
    edge += r.randint(0, patch - 1)
    siglip = r.flag()
    encoder = r.vision("siglip_vision_model", edge, patch, vision_use_head=False) if siglip else r.vision(
        "clip_vision_model", edge, patch)
    layers = encoder["num_hidden_layers"]
    return tiny.llava(size=edge, vision_config=encoder, text_config=r.text("llama", "mistral", "qwen2", "qwen3", "gemma"),
                      image_token_index=r.choice([3, 39]), multimodal_projector_bias=r.flag(),
                      projector_hidden_act=r.choice(["gelu", "relu", "gelu_new"]),
                      vision_feature_layer=r.choice([-1, -2, 0, layers, [-1, 0], [layers, -2, 1]]),
                      vision_feature_select_strategy="full" if siglip else r.choice(["default", "full"]))


def llava_next(r):
    edge, patch = r.side(2, 3)
    shapes = r.sample([[1, 2], [2, 1], [2, 2], [1, 3], [3, 1]], r.randint(1, 4))
    sizes = [(r.randint(5, 90), r.randint(5, 90)) for _ in range(2)]
    model = tiny.llava_next(vision_config=r.vision("clip_vision_model", edge, patch), text_config=r.text("llama", "mistral"),
                            image_token_index=r.choice([3, 39]),
                            image_grid_pinpoints=[[edge * down, edge * across] for down, across in shapes])
    return model | dict(pictures=tiny.tiled_pictures(edge, sizes, 5))


def llava_onevision(r):
    edge, patch = r.side(2, 3)
    shapes = r.sample([[1, 2], [2, 1], [2, 2], [1, 3], [3, 1], [1, 1], [2, 3]], r.randint(1, 4))
    sizes = [(r.randint(5, 90), r.randint(5, 90)) for _ in range(2)]
    grids = [[edge * down, edge * across] for down, across in shapes]
    siglip = r.flag()
    encoder = r.vision("siglip_vision_model", edge, patch, vision_use_head=False) if siglip else r.vision(
        "clip_vision_model", edge, patch)
    model = tiny.onevision(edge, sizes, 7, r.choice([None, 2]), vision_config=encoder, text_config=r.text("qwen2", "llama"),
                           image_token_index=r.choice([3, 39]), vision_aspect_ratio=f"anyres_max_{r.randint(1, 5)}",
                           image_grid_pinpoints=grids, vision_feature_layer=r.choice([-1, -2, 0]),
                           vision_feature_select_strategy="full" if siglip else "default")
    return model | dict(processor=("LlavaOnevisionImageProcessor", dict(
        size={"height": edge, "width": edge}, image_grid_pinpoints=grids)), sizes=[(r.randint(3, 60), r.randint(3, 60))])


def internvl(r):
    scale, patch = r.choice([1, 2, 4]), r.choice([2, 3])
    edge, heads = scale * patch * r.choice([1, 2]), r.choice([1, 2, 3])
    encoder = dict(
        hidden_size=heads * r.choice([6, 8, 10]), num_hidden_layers=r.randint(1, 3), num_attention_heads=heads,
        intermediate_size=r.randint(5, 40), patch_size=[patch, patch], norm_type=r.choice(["layer_norm", "rms_norm"]),
        attention_bias=r.flag(), use_qk_norm=r.flag(), use_mean_pooling=r.flag(), hidden_act=r.choice(["gelu", "relu"]),
        use_absolute_position_embeddings=r.flag(), layer_norm_eps=r.choice([1e-6, 1e-3]))
    model = tiny.internvl(edge, vision_config=encoder, downsample_ratio=1 / scale, image_token_id=r.choice([3, 39]),
                          vision_feature_layer=r.choice([-1, -2, 1]), text_config=r.text("qwen2", "qwen3", "llama"),
                          projector_hidden_act=r.choice(["gelu", "silu"]))
    cuts = dict(size={"height": r.randint(5, 14), "width": r.randint(5, 14)}, crop_to_patches=r.flag(),
                min_patches=r.randint(1, 3), max_patches=r.randint(1, 12), resample=r.choice([2, 3]))
    return model | dict(processor=("GotOcr2ImageProcessor", cuts), sizes=[(r.randint(3, 60), r.randint(3, 60)) for _ in range(2)])


def idefics(r):
    scale = r.choice([1, 2, 3])
    patch = r.choice([3, 4])
    edge = scale * patch * r.choice([1, 2])
    shown = r.choice([None, (r.randint(1, edge), r.randint(1, edge))])
    model = tiny.idefics(r.choice(["idefics3", "smolvlm"]), edge=edge, patch=patch, shown=shown, scale_factor=scale,
                         image_token_id=r.choice([3, 39]), text_config=r.text("llama", "mistral", "qwen2"))
    largest = r.choice([8, 12])
    splitting = dict(do_image_splitting=r.choice([True, True, False]), size={"longest_edge": r.randint(1, 5) * largest},
                     max_image_size={"longest_edge": largest})
    return model | dict(processor=("Idefics3ImageProcessor", splitting),
                        sizes=[(r.randint(3, 60), r.randint(3, 60)) for _ in range(2)])


def gemma3(r):
    edge, patch = r.side(2, 5)
    encoder = r.vision("siglip_vision_model", edge, patch, vision_use_head=False)
    return tiny.gemma3(size=edge, image_token_index=r.choice([3, 39, 90]), vision_config=encoder, mm_tokens_per_image=r.choice([1, 4]),
                       text_config=r.text("gemma3_text", sliding_window=r.randint(2, 9), query_pre_attn_scalar=r.choice([8, 7])))


def paligemma(r):
    edge, patch = r.side()
    words = r.text("gemma", "gemma2", sliding_window=r.randint(2, 12))
    if words["model_type"] == "gemma":
        del words["sliding_window"]
    model = tiny.paligemma(vision_config=r.vision("siglip_vision_model", edge, patch, vision_use_head=False),
                           text_config=words, projection_dim=words["hidden_size"], hidden_size=words["hidden_size"],
                           vocab_size=words["vocab_size"], image_token_index=r.choice([3, 39]))
    return model | dict(pictures=tiny.plain_pictures(edge))


def grid_words(r, mixed):
    kv, pairs = r.choice([1, 2]), r.randint(3, 9)
    heads = kv * r.choice([1, 2, 3])
    height, width = r.randint(0, pairs // 3), r.randint(0, pairs // 3)
    return dict(layers=r.randint(1, 4), heads=heads, kv=kv, width=heads * 2 * pairs, sections=(
        pairs - height - width, height, width), ffn=r.randint(5, 40), theta=r.choice([100.0, 10000.0]),
        rms_norm_eps=r.choice([1e-5, 1e-6]), rope=r.choice([{}, dict(
            rope_type="yarn", factor=2.0, original_max_position_embeddings=16)])) | (dict(head_dim=2 * pairs) if mixed else {})


def grid_model(r, make, wide, out):
    text = grid_words(r, make is grid_models.qwen3)
    heads, depth = r.choice([1, 2, 3]), r.randint(1, 4)
    merge, patch, frames = r.choice([1, 2, 3]), r.choice([1, 2, 3]), r.choice([1, 2])
    vision = {wide: heads * r.choice([4, 8, 12, 20]), "num_heads": heads, "depth": depth, out: text["width"],
              "hidden_act": r.choice(["quick_gelu", "gelu", "silu", "gelu_pytorch_tanh"])}
    sizes = [(r.randint(1, 5), r.randint(1, 5)) for _ in range(2)]
    config = dict(tie_word_embeddings=r.flag(), image_token_id=r.choice([3, 39]))
    return vision, text, dict(patch=patch, merge=merge, frames=frames, sizes=sizes, config=config), depth


def with_processor(r, model, merge):
    least = r.randint(1, 400)
    edge = lambda: r.randint(3, 60)
    return model | dict(processor=grid_models.processor(r.randint(1, 5), r.choice([1, 2, 3]), r.choice([1, 2]), least,
                                                        least + r.randint(0, 2000)), sizes=[(edge(), edge()), (edge(), edge())])


def qwen2_vl(r):
    vision, text, rest, _ = grid_model(r, grid_models.qwen2, "embed_dim", "hidden_size")
    text |= r.choice([{}, dict(use_sliding_window=True, sliding_window=r.randint(2, 9), max_window_layers=r.randint(0, 3))])
    finish = r.choice([None, grid_models.with_new_names, None if "rope_type" in text["rope"] else grid_models.as_of_the_hub])
    if text.get("use_sliding_window") or text["rope"]:
        finish = grid_models.with_new_names
    model = grid_models.qwen2(vision=vision | dict(mlp_ratio=r.choice([1, 2, 4])), text=text, **rest)
    return with_processor(r, model | (dict(finish=finish) if finish else {}), rest["merge"])


def qwen2_5_vl(r):
    vision, text, rest, depth = grid_model(r, grid_models.qwen2_5, "hidden_size", "out_hidden_size")
    square = rest["patch"] * rest["merge"]
    vision |= dict(window_size=r.randint(1, 4) * square + r.randint(0, square - 1), intermediate_size=r.randint(5, 30),
                   fullatt_block_indexes=r.sample(range(depth), r.randint(0, depth)))
    return grid_models.qwen2_5(vision=vision, text=text, **rest)


def qwen3_vl(r):
    vision, text, rest, depth = grid_model(r, grid_models.qwen3, "hidden_size", "out_hidden_size")
    vision |= dict(num_position_embeddings=r.randint(1, 30), intermediate_size=r.randint(5, 30),
                   deepstack_visual_indexes=r.sample(range(depth), r.randint(0, depth)))
    return grid_models.qwen3(vision=vision, text=text, **rest)


def paddleocr_vl(r):
    text = grid_words(r, True)
    heads, patch = r.choice([1, 2, 3]), r.choice([1, 2, 3])
    vision = dict(hidden_size=heads * r.choice([4, 8, 12]), num_attention_heads=heads, num_hidden_layers=r.randint(1, 3),
                  image_size=patch * r.randint(1, 5), hidden_act=r.choice(["gelu", "gelu_pytorch_tanh"]))
    return grid_models.paddle(patch=patch, merge=r.choice([1, 2, 3]), sizes=[(r.randint(1, 4), r.randint(1, 4)) for _ in range(2)],
                              vision=vision, text=text | dict(use_bias=r.flag(), tie_word_embeddings=r.flag()))


FAMILIES = {"llava": llava, "llava_next": llava_next, "llava_onevision": llava_onevision, "internvl": internvl,
            "idefics": idefics, "gemma3": gemma3, "paligemma": paligemma, "qwen2_vl": qwen2_vl, "qwen2_5_vl": qwen2_5_vl,
            "qwen3_vl": qwen3_vl, "paddleocr_vl": paddleocr_vl}


def make(folder, r, family, seed):
    model = FAMILIES[family](r)
    make_folder(folder, model["model_type"], model["config"], seed)
    if "finish" in model:
        model["finish"](folder)
    processor = image_processor(folder, *model["processor"]) if "processor" in model else None
    write_reference(folder, seed, model["pictures"], processor, model.get("sizes", ()), embeddings=model.get("embeddings"),
                    types=model.get("types"), types_name=model.get("types_name", "token_type_ids"))


if __name__ == "__main__":
    torch.set_num_threads(1)
    variants.sweep(__doc__, FAMILIES, make, Choice)
