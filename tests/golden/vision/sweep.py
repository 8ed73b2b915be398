#!/usr/bin/env python3
"""Makes random variants of the families of make_tiny_models.py: other sizes, options and pictures.

With transformers 5.23.0, torch, timm:
    python tests/golden/vision/sweep.py --out DIR --count 200 [--family swin] [--seed 0]
    for i in DIR/*; do millrace verify $i $i/reference.safetensors || echo $i; done
"""

import copy
import pathlib
import sys

import torch
import transformers
from transformers import AutoConfig
from transformers.models.efficientnet.modeling_efficientnet import round_filters

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent))
import variants  # noqa: E402
from make_image_text_models import inputs_of, results_of, text  # noqa: E402
from make_tiny_models import RESULTS, make_small_timm_networks, narrow, padding_mask  # noqa: E402
from reference import Reference, shake  # noqa: E402

LABELS = ["cat", "dog", "teapot", "otter", "none of these", "7", "a pen", "night"]


class Choice(variants.Choice):
    def many(self, count, values):
        return [self.choice(values) for _ in range(count)]

    def epsilon(self):
        return self.choice([1e-12, 1e-5, 1e-6, 1e-3, 0.1])

    def activation(self):
        return self.choice(["gelu", "relu", "silu", "gelu_new", "gelu_pytorch_tanh", "quick_gelu", "swish", "relu6"])

    def labels(self):
        names = self.sample(LABELS, self.randint(1, len(LABELS)))
        return dict(id2label=dict(enumerate(names)), label2id={name: i for i, name in enumerate(names)})

    def channels(self):
        return self.choice([3, 3, 3, 1, 2, 4])

    def pictures(self, smallest=1, largest=72, count=3):
        """(batch, height, width) of some: small ones, large ones, long ones."""
        def edge():
            return self.choice([smallest, self.randint(smallest, 2 * smallest + 6), self.randint(smallest, largest)])
        large = (1, self.randint(largest // 2, largest), self.randint(largest // 2, largest))
        return [large] + [(self.randint(1, 3), edge(), edge()) for _ in range(count)]

    def transformer(self, patches=(2, 3, 5, 7, 8, 12, 16)):
        """Of patches, in the spelling that most families share; and sizes of its own pictures alone."""
        heads = self.randint(1, 4)
        patch = self.choice(patches)
        image = [self.randint(patch, 5 * patch), self.randint(patch, 5 * patch)]
        if self.flag(0.7):
            image = [image[0]] * 2
        own = [(self.randint(1, 3), *image)]
        return dict(hidden_size=heads * self.choice([2, 3, 5, 6, 8, 12]), num_hidden_layers=self.randint(1, 4),
                    num_attention_heads=heads, intermediate_size=self.randint(3, 40), patch_size=patch,
                    image_size=image[0] if image[0] == image[1] and self.flag() else image, layer_norm_eps=self.epsilon(),
                    hidden_act=self.activation(), qkv_bias=self.flag(), num_channels=self.channels()), own

    def class_of(self, prefix, **labelled):
        """One of the classes with or without a head, as keys of the config."""
        return f"{prefix}ForImageClassification" if self.flag(0.6) else f"{prefix}Model"


def vit(r, model_type="vit", prefix="ViT"):
    config, own = r.transformer()
    config |= dict(pooler_output_size=r.choice([None, 5, 14]), pooler_act=r.choice(["tanh", "tanh", "relu", "gelu"]))
    return model_type, r.class_of(prefix), config, own


def deit(r):
    model_type, name, config, own = vit(r, "deit", "DeiT")
    return model_type, r.choice([name, "DeiTForImageClassificationWithTeacher"]), config, own


def beit(r):
    config, own = r.transformer()
    shared = r.flag()
    config |= dict(use_mask_token=r.flag(), use_absolute_position_embeddings=r.flag(),
                   use_relative_position_bias=not shared and r.flag(), use_shared_relative_position_bias=shared and r.flag(),
                   layer_scale_init_value=r.choice([0.1, 0.0]), use_mean_pooling=r.flag())
    patch = config["patch_size"]
    return "beit", r.class_of("Beit"), config, own + r.pictures(patch, 6 * patch, 2)


def beit_segmentation(r):
    model_type, _, config, sizes = beit(r)
    layers = config["num_hidden_layers"] = r.randint(3, 5)
    config |= dict(out_indices=r.sample(range(layers + 1), 4), pool_scales=r.choice([[1, 2, 3, 6], [1], [2, 3]]),
                   auxiliary_channels=4, use_auxiliary_head=r.flag(), auxiliary_num_convs=r.choice([1, 2]),
                   auxiliary_concat_input=r.flag(), image_size=config["image_size"], hidden_size=4 * config["num_attention_heads"])
    config["out_indices"].sort()
    return model_type, "BeitForSemanticSegmentation", config, sizes


def dinov2(r, model_type="dinov2", prefix="Dinov2", **more):
    config, own = r.transformer()
    config.pop("intermediate_size")
    config |= dict(mlp_ratio=r.randint(1, 4), use_swiglu_ffn=r.flag(), layerscale_value=r.choice([1.0, 0.1]),
                   drop_path_rate=r.choice([0.0, 0.1])) | more
    patch = config["patch_size"]
    return model_type, r.class_of(prefix), config, own + r.pictures(patch, 6 * patch, 3)


def dinov2_with_registers(r):
    return dinov2(r, "dinov2_with_registers", "Dinov2WithRegisters", num_register_tokens=r.choice([1, 2, 4]))


def pyramid_widths(r, stages):
    heads = [r.randint(1, 3) for _ in range(stages)]
    return heads, [h * r.choice([2, 3, 4, 6]) for h in heads]


def swin(r, model_type="swin", prefix="Swin", **more):
    stages = r.randint(1, 4)
    heads = [r.choice([1, 2, 4]) for _ in range(stages)]
    patch = r.choice([1, 2, 3, 4])
    absolute = r.flag(0.3)
    image = r.choice([8, 16, 31, 32, [16, 24], [27, 40]])
    config = dict(image_size=image, patch_size=patch, num_channels=r.channels(), embed_dim=4 * r.choice([1, 2, 3]),
                  depths=r.many(stages, [1, 2, 3]), num_heads=heads, window_size=r.choice([2, 3, 4, 5, 7]),
                  mlp_ratio=r.choice([1.0, 2.0, 4.0, 1.5]), qkv_bias=r.flag(), hidden_act=r.activation(),
                  use_absolute_embeddings=absolute, layer_norm_eps=r.epsilon()) | more
    height, width = image if isinstance(image, list) else (image, image)
    return model_type, r.class_of(prefix), config, [(2, height, width)] + r.pictures(1, 60)


def swinv2(r):
    model_type, name, config, sizes = swin(r, "swinv2", "Swinv2")
    stages = len(config["depths"])
    config["pretrained_window_sizes"] = r.choice([[0] * stages, r.many(stages, [0, 2, 4, 7, 12])])
    return model_type, name, config, sizes


def upernet(r):
    kind = r.choice(["convnext", "convnextv2", "swin", "resnet", "beit", "dinov2", "swinv2", "focalnet"])
    backbones = dict(convnext=convnext, convnextv2=convnextv2, swin=swin, resnet=resnet, beit=beit, dinov2=dinov2, swinv2=swinv2,
                     focalnet=focalnet)
    _, _, config, sizes = backbones[kind](r)
    stages = config["num_hidden_layers"] if "num_hidden_layers" in config else len(config["depths"])
    names = ["stem"] + [f"stage{i}" for i in range(1, stages + 1)]
    features = [name for name in names[1:] if r.flag()] or names[-1:]
    if kind in ("beit", "dinov2"):
        config["reshape_hidden_states"] = True
    config |= dict(model_type=kind, out_features=features)
    return "upernet", "UperNetForSemanticSegmentation", dict(
        backbone_config=config, hidden_size=r.randint(3, 9), pool_scales=r.choice([[1, 2, 3, 6], [1], [2, 3]]),
        use_auxiliary_head=r.flag(), auxiliary_channels=4, auxiliary_num_convs=r.choice([0, 1, 2]),
        auxiliary_concat_input=r.flag()), sizes


def cvt(r):
    stages = r.randint(1, 3)
    heads, widths = pyramid_widths(r, stages)
    kernel, reach = r.many(stages, [1, 3, 5]), r.many(stages, [2, 3, 5, 7])
    config = dict(num_channels=r.channels(), patch_sizes=reach, patch_stride=r.many(stages, [1, 2, 4]),
                  patch_padding=[r.randint(0, k // 2) for k in reach], embed_dim=widths, num_heads=heads,
                  depth=r.many(stages, [1, 2, 3]), mlp_ratio=r.many(stages, [1.0, 2.0, 4.0, 1.5]),
                  attention_drop_rate=[0.0] * stages, drop_rate=[0.0] * stages, drop_path_rate=[0.0] * stages,
                  qkv_bias=r.many(stages, [True, False]), cls_token=r.many(stages, [True, False]),
                  qkv_projection_method=["dw_bn"] * stages, kernel_qkv=kernel,
                  padding_kv=[r.randint(0, k // 2) for k in kernel], stride_kv=r.many(stages, [1, 2, 3]),
                  padding_q=[k // 2 for k in kernel], stride_q=r.many(stages, [1, 1, 1, 2]))
    return "cvt", r.class_of("Cvt"), config, r.pictures(2, 60)


def pvt(r):
    stages = r.randint(1, 4)
    heads, widths = pyramid_widths(r, stages)
    patches = [4] + [2] * (stages - 1)  # as is built into the positions of all but the last stage
    patches[-1] = r.randint(1, 4) if stages > 1 else r.randint(1, 7)
    strides = [r.randint(1, patch) for patch in patches]
    size = 4 * 2**stages * r.randint(1, 3)
    ratios = r.many(stages, [1, 1, 2, 4])
    config = dict(image_size=size, num_channels=r.channels(), num_encoder_blocks=stages,
                  depths=r.many(stages, [1, 2]), sequence_reduction_ratios=ratios, hidden_sizes=widths, patch_sizes=patches,
                  strides=strides, num_attention_heads=heads, mlp_ratios=r.many(stages, [1, 2, 3]), hidden_act=r.activation(),
                  layer_norm_eps=r.epsilon(), qkv_bias=r.flag())
    return "pvt", r.class_of("Pvt"), config, [(2, size, size), (1, 2 * size, size)] + r.pictures(2, 60, 1)


def poolformer(r):
    stages = r.randint(1, 4)
    reach = r.many(stages, [3, 5, 7, 2])
    config = dict(num_channels=r.channels(), pool_size=r.choice([1, 3, 5]), mlp_ratio=r.choice([1.0, 2.0, 4.0, 1.5]),
                  depths=r.many(stages, [1, 2]), hidden_sizes=r.many(stages, [4, 6, 8, 12]), patch_sizes=reach,
                  strides=r.many(stages, [1, 2, 3, 4]), padding=[r.randint(0, k // 2) for k in reach],
                  num_encoder_blocks=stages, hidden_act=r.activation(), use_layer_scale=r.flag())
    return "poolformer", r.class_of("PoolFormer"), config, r.pictures(1, 72)


def focalnet(r):
    stages = r.randint(1, 4)
    embed = r.choice([4, 6, 8])
    config = dict(image_size=r.choice([16, 24, 32, [16, 24]]), patch_size=r.choice([1, 2, 3, 4]), num_channels=r.channels(),
                  embed_dim=embed, use_conv_embed=r.flag(0.3), depths=r.many(stages, [1, 2]),
                  hidden_sizes=[embed * 2**i for i in range(1, stages + 1)],
                  focal_levels=r.many(stages, [1, 2, 3, 0]), focal_windows=r.many(stages, [1, 3, 5, 7]),
                  hidden_act=r.activation(), mlp_ratio=r.choice([1.0, 2.0, 1.5]), use_layerscale=r.flag(),
                  layerscale_value=r.choice([1e-4, 1.0]), use_post_layernorm=r.flag(),
                  use_post_layernorm_in_modulation=r.flag(), normalize_modulator=r.flag(), layer_norm_eps=r.epsilon())
    return "focalnet", r.class_of("FocalNet"), config, r.pictures(1, 48)


def convnext(r, model_type="convnext", prefix="ConvNext", **more):
    stages = r.randint(1, 4)
    config = dict(num_channels=r.channels(), patch_size=r.choice([1, 2, 3, 4, 5]), num_stages=stages,
                  hidden_sizes=r.many(stages, [4, 6, 9, 12, 16]), depths=r.many(stages, [1, 2, 3]),
                  hidden_act=r.activation(), layer_norm_eps=r.epsilon(), image_size=r.choice([32, 224])) | more
    return model_type, r.class_of(prefix), config, r.pictures(2, 72)


def convnextv2(r):
    return convnext(r, "convnextv2", "ConvNextV2")


def convnext_(r):
    return convnext(r, layer_scale_init_value=r.choice([1e-6, 0.0, -1.0]))


convnext_.__name__ = "convnext"


def resnet(r):
    stages = r.randint(1, 4)
    config = dict(num_channels=r.channels(), embedding_size=r.choice([4, 6, 8]), hidden_sizes=r.many(stages, [4, 8, 12, 16]),
                  depths=r.many(stages, [1, 2, 3]), layer_type=r.choice(["basic", "bottleneck"]),
                  hidden_act=r.choice(["relu", r.activation()]), downsample_in_first_stage=r.flag(),
                  downsample_in_bottleneck=r.flag())
    return "resnet", r.class_of("ResNet"), config, r.pictures(1, 72)


def regnet(r):
    stages = r.randint(1, 4)
    group = r.choice([1, 2, 4])
    config = dict(num_channels=r.channels(), embedding_size=r.choice([4, 6, 8]),
                  hidden_sizes=[group * r.choice([1, 2, 3, 4]) for _ in range(stages)], depths=r.many(stages, [1, 2, 3]),
                  groups_width=group, layer_type=r.choice(["x", "y"]), hidden_act=r.choice(["relu", r.activation()]),
                  downsample_in_first_stage=r.flag())
    return "regnet", r.class_of("RegNet"), config, r.pictures(1, 72)


def efficientnet(r):
    stages = r.randint(1, 4)
    widths = r.many(stages, [16, 24, 40])
    config = dict(num_channels=r.channels(), image_size=64, width_coefficient=r.choice([0.1, 0.2, 0.3, 1.0]),
                  depth_coefficient=r.choice([1.0, 1.4, 0.5, 3.1]), depth_divisor=r.choice([4, 8, 2]),
                  kernel_sizes=r.many(stages, [3, 5, 7]), in_channels=[32] + widths[:-1], out_channels=widths,
                  strides=r.many(stages, [1, 2]), num_block_repeats=r.many(stages, [1, 2]), expand_ratios=r.many(stages, [1, 2, 3]),
                  squeeze_expansion_ratio=r.choice([0.25, 0.5, 1.0]), hidden_act=r.activation(),
                  pooling_type=r.choice(["mean", "max"]), batch_norm_eps=r.epsilon())
    config["depthwise_padding"] = [i for i in range(4) if r.flag(0.3)]
    config["hidden_dim"] = round_filters(AutoConfig.for_model("efficientnet", **config), 1280)
    return "efficientnet", r.class_of("EfficientNet"), config, r.pictures(4, 72)


def mobilenet_v2(r):
    config = dict(num_channels=r.channels(), depth_multiplier=r.choice([0.05, 0.1, 0.2]), depth_divisible_by=r.choice([2, 4, 8]),
                  min_depth=r.choice([2, 4, 8]), expand_ratio=r.choice([1, 2, 3, 1.5]), output_stride=r.choice([32, 16, 8]),
                  first_layer_is_expansion=r.flag(), finegrained_output=r.flag(0.2), hidden_act=r.choice(["relu6", r.activation()]),
                  tf_padding=r.flag(), layer_norm_eps=r.choice([0.001, 1e-5]))
    return "mobilenet_v2", r.choice([r.class_of("MobileNetV2"), "MobileNetV2ForSemanticSegmentation"]), config, r.pictures(1, 80)


def mobilevit(r):
    heads = r.randint(1, 3)
    config = dict(num_channels=r.channels(), image_size=64, patch_size=r.choice([1, 2, 2, 3, 4]),
                  hidden_sizes=[heads * r.choice([2, 3, 4]) for _ in range(3)],
                  neck_hidden_sizes=r.many(7, [4, 8, 12]), num_attention_heads=heads, mlp_ratio=r.choice([1.0, 2.0, 1.5]),
                  expand_ratio=r.choice([1.0, 2.0, 1.5]), hidden_act=r.activation(), conv_kernel_size=r.choice([3, 1, 5]),
                  output_stride=r.choice([32, 16, 8]), layer_norm_eps=r.epsilon(), qkv_bias=r.flag(), aspp_out_channels=5,
                  atrous_rates=r.choice([[6, 12, 18], [1, 2, 3], [2, 4, 9]]))
    return "mobilevit", r.choice([r.class_of("MobileViT"), "MobileViTForSemanticSegmentation"]), config, r.pictures(1, 80)


def mobilevitv2(r):
    config = dict(num_channels=r.channels(), image_size=64, patch_size=r.choice([1, 2, 2, 3, 4]), expand_ratio=r.choice([1.0, 2.0, 1.5]),
                  hidden_act=r.activation(), conv_kernel_size=r.choice([3, 1, 5]), output_stride=r.choice([32, 16, 8]),
                  layer_norm_eps=r.epsilon(), aspp_out_channels=5, atrous_rates=r.choice([[6, 12, 18], [1, 2, 3]]),
                  n_attn_blocks=r.many(3, [1, 2]), base_attn_unit_dims=r.many(3, [400, 800, 1200]), width_multiplier=0.02,
                  ffn_multiplier=r.choice([1, 2, 3]))
    return "mobilevitv2", r.choice([r.class_of("MobileViTV2"), "MobileViTV2ForSemanticSegmentation"]), config, r.pictures(1, 80)


def segformer(r):
    stages = r.randint(1, 4)
    heads, widths = pyramid_widths(r, stages)
    config = dict(num_channels=r.channels(), num_encoder_blocks=stages, depths=r.many(stages, [1, 2]),
                  sr_ratios=r.many(stages, [1, 2, 4, 3]), hidden_sizes=widths, patch_sizes=r.many(stages, [3, 5, 7, 2, 4]),
                  strides=r.many(stages, [1, 2, 4, 3]), num_attention_heads=heads, mlp_ratios=r.many(stages, [1, 2, 3]),
                  hidden_act=r.activation(), layer_norm_eps=r.epsilon(), decoder_hidden_size=r.randint(3, 9),
                  reshape_last_stage=r.flag(0.8))
    return "segformer", r.choice([r.class_of("Segformer"), "SegformerForSemanticSegmentation"]), config, r.pictures(8, 80)


def features_of(r, config, count, stem=True):
    """`count` stages of a transformer that feed another model, by name or by number."""
    layers = config["num_hidden_layers"] = max(config["num_hidden_layers"], count)
    names = ["stem"] + [f"stage{i}" for i in range(1, layers + 1)]
    wanted = sorted(r.sample(range(0 if stem else 1, layers + 1), count))
    if r.flag():
        return dict(out_features=[names[i] for i in wanted])
    return dict(out_indices=[i - layers - 1 if r.flag(0.3) else i for i in wanted])


def transformer_backbone(r, kind, count):
    _, _, config, sizes = dict(dinov2=dinov2, beit=beit, dinov2_with_registers=dinov2_with_registers)[kind](r)
    if kind == "beit" and config["use_absolute_position_embeddings"]:
        sizes = sizes[:1]
    config |= features_of(r, config, count) | dict(model_type=kind, reshape_hidden_states=False)
    if kind.startswith("dinov2"):
        config["apply_layernorm"] = r.flag(0.7)
    return config, sizes


def dpt(r):
    kind = r.choice([None, "beit", "dinov2", "dinov2_with_registers"])
    count = r.randint(1, 4)
    neck = dict(neck_hidden_sizes=r.many(count, [4, 6, 9]), reassemble_factors=r.many(count, [4, 2, 1, 0.5]),
                fusion_hidden_size=r.choice([4, 10]), head_in_index=r.choice([-1, 0, count - 1]), readout_type=r.choice(["ignore", "add", "project"]),
                use_batch_norm_in_fusion_residual=r.flag(0.3), use_bias_in_fusion_residual=r.choice([None, True, False]),
                add_projection=r.flag(0.3), use_auxiliary_head=r.flag())
    if count > 1:
        factors = sorted(neck["reassemble_factors"], reverse=True)
        neck["reassemble_factors"] = factors
    name = r.choice(["DPTForDepthEstimation", "DPTForDepthEstimation", "DPTForSemanticSegmentation", "DPTModel"])
    if name == "DPTForSemanticSegmentation":
        neck["head_in_index"] = -1
    if kind is None or name == "DPTModel":
        config, own = r.transformer()
        if r.flag():
            config["image_size"] = r.choice([16, 24])
        layers = config["num_hidden_layers"] = r.randint(count, 4)
        config |= neck | dict(backbone_out_indices=sorted(r.sample(range(layers), count)), pooler_output_size=r.choice([None, 5]),
                              pooler_act=r.choice(["tanh", "relu"]))
        patch = config["patch_size"]
        edges = [(r.randint(1, 2), n * patch, n * patch) for n in (r.randint(1, 6), r.randint(2, 6))]
        return "dpt", name, config, own + edges + r.pictures(patch, 6 * patch, 1)
    backbone, sizes = transformer_backbone(r, kind, count)
    return "dpt", name, neck | dict(backbone_config=backbone, hidden_act=r.activation(), hidden_size=backbone["hidden_size"],
                                    patch_size=backbone["patch_size"]), sizes


def depth_anything(r):
    count = r.randint(1, 4)
    backbone, sizes = transformer_backbone(r, r.choice(["dinov2", "dinov2", "dinov2_with_registers"]), count)
    return "depth_anything", "DepthAnythingForDepthEstimation", dict(
        backbone_config=backbone, patch_size=backbone["patch_size"], reassemble_hidden_size=backbone["hidden_size"],
        reassemble_factors=sorted(r.many(count, [4, 2, 1, 0.5]), reverse=True), neck_hidden_sizes=r.many(count, [4, 6, 9]),
        fusion_hidden_size=r.choice([4, 10]), head_in_index=r.choice([-1, 0, count - 1]), head_hidden_size=r.choice([3, 6]),
        depth_estimation_type=r.choice(["relative", "metric"]), max_depth=r.choice([1, 20, 80])), sizes


def image_part(r):
    config, _ = r.transformer(patches=(3, 4, 6, 7))
    config.pop("qkv_bias")
    patch = config["patch_size"]
    return config | dict(image_size=r.randint(patch, 5 * patch), projection_dim=r.choice([5, 9]))


def text_part(r, words=54):
    heads = r.randint(1, 4)
    return text(width=heads * r.choice([2, 3, 5, 8]), layers=r.randint(1, 3), heads=heads, ffn=r.randint(3, 30), words=words,
                positions=r.choice([12, 24, 64]), hidden_act=r.activation(), layer_norm_eps=r.epsilon())


def clip(r):
    kind = r.choice(["CLIPModel", "CLIPModel", "CLIPForImageClassification", "CLIPVisionModel", "CLIPVisionModelWithProjection",
                     "CLIPTextModel", "CLIPTextModelWithProjection"])
    words = text_part(r) | dict(eos_token_id=r.choice([53, 2]), projection_dim=r.choice([5, 12]))
    if "Text" in kind:
        return "clip_text_model", kind, words, None
    if "Vision" in kind:
        return "clip_vision_model", kind, image_part(r), None
    return "clip", kind, dict(projection_dim=r.choice([4, 14]), vision_config=image_part(r), text_config=words), None


def siglip(r):
    kind = r.choice(["SiglipModel", "SiglipModel", "SiglipForImageClassification", "SiglipVisionModel", "SiglipTextModel"])
    words, vision = text_part(r), image_part(r) | dict(vision_use_head=r.flag())
    vision.pop("projection_dim")
    if "Text" in kind:
        return "siglip_text_model", kind, words | dict(projection_size=r.choice([None, 7])), None
    if "Vision" in kind:
        return "siglip_vision_model", kind, vision, None
    if kind == "SiglipModel":
        vision |= dict(vision_use_head=True)
        words["projection_size"] = vision["hidden_size"]
    return "siglip", kind, dict(vision_config=vision, text_config=words), None


def detr(r):
    heads, more = r.randint(1, 3), r.randint(1, 2)
    config = dict(d_model=4 * heads * more * r.randint(1, 2), num_queries=r.randint(1, 9), encoder_layers=r.randint(1, 3),
                  decoder_layers=r.randint(1, 3), encoder_attention_heads=heads, decoder_attention_heads=more,
                  encoder_ffn_dim=r.randint(3, 30), decoder_ffn_dim=r.randint(3, 30), activation_function=r.activation(),
                  position_embedding_type=r.choice(["sine", "sine", "learned"]), auxiliary_loss=r.flag(0.2))
    if config["position_embedding_type"] == "learned" and config["d_model"] > 100:
        config["position_embedding_type"] = "sine"
    if r.flag(0.3):
        config |= dict(backbone=r.choice(["resnet50", "resnet18"]), use_timm_backbone=True, backbone_config=None, dilation=r.flag())
        if r.flag():
            config["backbone_kwargs"] = dict(out_indices=r.choice([[1, 2, 3, 4], [3], [2, 4]]))
    else:
        _, _, backbone, _ = resnet(r)
        backbone.pop("num_channels")
        stages = len(backbone["depths"])
        config["backbone_config"] = backbone | dict(model_type="resnet", num_channels=r.channels(), out_features=[f"stage{i}" for i in range(1, stages + 1) if r.flag()] or [f"stage{stages}"])
    return "detr", r.choice(["DetrForObjectDetection", "DetrForObjectDetection", "DetrModel"]), config, r.pictures(20, 72)


def yolos(r):
    config, own = r.transformer()
    config |= dict(image_size=list(own[0][1:]), num_detection_tokens=r.randint(1, 7), use_mid_position_embeddings=r.flag(),
                   num_hidden_layers=r.randint(1, 4))
    patch = config["patch_size"]
    return "yolos", r.choice(["YolosForObjectDetection", "YolosForObjectDetection", "YolosModel"]), config, own + r.pictures(patch, 6 * patch, 3)


FAMILIES = {f.__name__: f for f in (
    vit, deit, beit, beit_segmentation, dinov2, dinov2_with_registers, swin, swinv2, upernet, cvt, pvt, poolformer, focalnet,
    convnext_, convnextv2, resnet, regnet, efficientnet, mobilenet_v2, mobilevit, mobilevitv2, segformer, dpt, depth_anything,
    clip, siglip, detr, yolos)}


def shaken(model, seed, r):
    shake(model, seed)
    generator = torch.Generator().manual_seed(seed)
    for key, parameter in model.named_parameters():
        if key.endswith("logit_scale"):
            parameter.copy_(torch.linspace(0.5, 5, parameter.numel()).reshape(parameter.shape) if parameter.numel() > 1
                            else torch.tensor(1.3).reshape(parameter.shape))
        elif key == "head.conv3.weight" and r.flag():  # of Depth Anything, so that sigmoids are not saturated
            parameter.mul_(0.003)
    for key, buffer in model.named_buffers():
        if key.endswith("running_mean"):
            buffer.copy_(0.3 * torch.randn(buffer.shape, generator=generator))
        elif key.endswith("running_var"):
            buffer.copy_(0.5 + torch.rand(buffer.shape, generator=generator))


def results_of_pictures(model, inputs):
    out = model(**inputs)
    return {key: out[key] for key in RESULTS if out.get(key) is not None}


def well_defined(results, model, inputs):
    """Whether float32 is enough to compute these results, as double precision shows."""
    if not results or not all(value.numel() and torch.isfinite(value).all() for value in results.values()):
        return False
    exact = results_of_pictures(copy.deepcopy(model).double(), inputs | {"pixel_values": inputs["pixel_values"].double()})
    return all((value - exact[key]).abs().max() <= 1e-5 * exact[key].abs().max() for key, value in results.items())


def write_pictures(model, config, sizes, seed, reference):
    vision = getattr(config, "backbone_config", None) or config
    masks = config.model_type == "detr"
    for case, (batch, height, width) in enumerate(sizes):
        generator = torch.Generator().manual_seed(seed + case)
        pixels = torch.randn((batch, vision.num_channels, height, width), generator=generator)
        inputs = {"pixel_values": pixels}
        if masks and case % 2:
            inputs["pixel_mask"] = padding_mask(batch, height, width)
        try:
            # Of a fresh one: Swin keeps the windows that it made smaller for a small picture.
            results = results_of_pictures(copy.deepcopy(model), inputs)
            fine = well_defined(results, model, inputs)
        except Exception as error:  # what transformers cannot do either
            print(f"  {height} x {width}: {type(error).__name__}: {str(error)[:100]}", file=sys.stderr)
            continue
        if fine:
            reference.add("forward", inputs, results, f"c{case}_{height}x{width}")
        else:
            print(f"  {height} x {width}: not well defined", file=sys.stderr)


def write_image_text(model, config, reference):
    pixels, texts = inputs_of(config, seed=1)
    if type(model).__name__.endswith("Classification"):
        texts = []
    for case, words in enumerate(texts):
        given = words if pixels is None else dict(pixel_values=pixels) | words
        reference.add("forward", given, results_of(model(**given)), f"c{case}")
        if pixels is not None:
            reference.add("text_model", words, results_of(model.text_model(**words)), f"c{case}")
    if pixels is not None and not texts:
        reference.add("forward", dict(pixel_values=pixels), results_of(model(pixel_values=pixels)))
    if pixels is not None:
        encoder = getattr(model, "vision_model", model)
        reference.add("vision_model", dict(pixel_values=pixels), results_of(encoder(pixel_values=pixels)))


@torch.no_grad()
def make(folder, r, family, seed):
    model_type, class_name, config, sizes = FAMILIES[family](r)
    if class_name.endswith(("Classification", "Segmentation", "Detection", "WithTeacher")):
        config |= r.labels()
    torch.manual_seed(seed)
    settings = AutoConfig.for_model(model_type, **config)
    settings.architectures = [class_name]
    model = getattr(transformers, class_name)._from_config(settings, attn_implementation="eager").eval()
    if class_name == "MobileNetV2ForSemanticSegmentation":
        narrow(model.segmentation_head, 12)
        model.eval()
    shaken(model, seed, r)
    kept = r.choice([None, None, torch.bfloat16, torch.float16])
    if class_name == "MobileNetV2ForSemanticSegmentation" or config.get("use_timm_backbone"):
        kept = None  # these are not loaded again as they were made
    model.to(kept or torch.float32).save_pretrained(folder, max_shard_size=r.choice(["5GB", "5GB", "20KB"]),
                                                    save_original_format=r.flag(0.8))
    if kept is not None:  # rounded in the file, computed in float32
        model = type(model).from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    reference = Reference()
    if sizes is None:
        write_image_text(model, settings, reference)
    else:
        write_pictures(model, settings, sizes, seed, reference)
    if not reference.tensors:
        raise ValueError("no picture could be computed")
    reference.save(folder / "reference.safetensors")


if __name__ == "__main__":
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    make_small_timm_networks()
    variants.sweep(__doc__, FAMILIES, make, Choice)
