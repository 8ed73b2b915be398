#!/usr/bin/env python3
"""Makes the tiny random vision models beside this script, each with reference.safetensors for `millrace verify`.

Made with transformers 5.23.0, torch 2.15.0 (float32, eager, CPU):
    python tests/golden/vision/make_tiny_models.py [NAME...]
"""
import pathlib
import sys

import torch
import transformers
from transformers import AutoConfig

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from reference import Reference, shake  # noqa: E402


def vit(width=24, layers=2, heads=3, ffn=36, image=(24, 24), patch=8, **more):
    return dict(hidden_size=width, num_hidden_layers=layers, num_attention_heads=heads, intermediate_size=ffn,
                image_size=list(image) if image[0] != image[1] else image[0], patch_size=patch) | more


def backbone(model_type, **more):
    config = vit(width=18, heads=2, reshape_hidden_states=False) | {"model_type": model_type}
    more = vit(**{key: more.pop(key) for key in ("layers", "patch", "image") if key in more}, width=18, heads=2) | more
    if model_type == "dinov2":
        config.pop("intermediate_size"), more.pop("intermediate_size"), more.setdefault("mlp_ratio", 2)
    return config | more


def depth(backbone_config, neck=(6, 9), **more):
    return dict(backbone_config=backbone_config, reassemble_hidden_size=backbone_config["hidden_size"], neck_hidden_sizes=neck,
                fusion_hidden_size=10, head_hidden_size=6) | more


def dpt(backbone_config=None, **more):
    return dict(backbone_config=backbone_config, neck_hidden_sizes=(6, 9), reassemble_factors=(2, 0.5), fusion_hidden_size=10) | more


RESNET = dict(model_type="resnet", embedding_size=8, hidden_sizes=[8, 16], depths=[1, 1], out_features=["stage1", "stage2"])


def detr(backbone_config, **more):
    return dict(backbone_config=backbone_config, d_model=20, encoder_layers=2, decoder_layers=2, encoder_attention_heads=2,
                decoder_attention_heads=4, encoder_ffn_dim=24, decoder_ffn_dim=28, num_queries=5) | more


LABELS = dict(id2label={0: "cat", 1: "dog", 2: "teapot", 3: "otter", 4: "none of these"},
              label2id={"cat": 0, "dog": 1, "teapot": 2, "otter": 3, "none of these": 4})

# name: (model_type, class, config, sizes of the pictures [(batch, height, width), ...])
MODELS = {
    "vit": ("vit", "ViTForImageClassification", vit(**LABELS), [(2, 24, 24)]),
    "vit_bare": ("vit", "ViTModel", vit(width=20, heads=2, image=(16, 24), hidden_act="relu", qkv_bias=False,
                                        pooler_output_size=14), [(1, 16, 24)]),
    "vit_pooler": ("vit", "ViTModel", vit(width=12, heads=2, layers=1, pooler_act="gelu"), [(1, 24, 24)]),
    "deit": ("deit", "DeiTForImageClassification", vit(**LABELS), [(1, 24, 24)]),
    "deit_distilled": ("deit", "DeiTForImageClassificationWithTeacher", vit(width=30, heads=2, **LABELS),
                       [(2, 24, 24)]),
    "deit_bare": ("deit", "DeiTModel", vit(), [(1, 24, 24)]),
    "beit": ("beit", "BeitForImageClassification", vit(use_relative_position_bias=True, **LABELS),
             [(2, 24, 24), (1, 32, 32), (1, 16, 40)]),
    "beit_shared": ("beit", "BeitModel", vit(use_shared_relative_position_bias=True, use_mean_pooling=False,
                                             layer_scale_init_value=0.0,
                                             image=(16, 24)), [(1, 16, 24)]),
    "dit": ("beit", "BeitForImageClassification", vit(use_absolute_position_embeddings=True, use_mask_token=True,
                                                      **LABELS), [(1, 24, 24), (1, 40, 24)]),
    "dinov2": ("dinov2", "Dinov2Model", vit(patch=7, image=(21, 21), mlp_ratio=3), [(2, 21, 21), (1, 30, 44)]),
    # Whose positions are resampled from a square even for pictures of its own size.
    "dinov2_oblong": ("dinov2", "Dinov2Model", vit(width=12, heads=2, layers=1, patch=6, image=(24, 6)), [(1, 24, 6), (1, 12, 12)]),
    "dinov2_gated": ("dinov2", "Dinov2ForImageClassification", vit(use_swiglu_ffn=True, patch=7, image=(21, 21),
                                                                   **LABELS), [(1, 21, 28)]),
    "dinov2_registers": ("dinov2_with_registers", "Dinov2WithRegistersForImageClassification",
                         vit(num_register_tokens=3, image=(24, 24), **LABELS), [(2, 24, 24), (1, 32, 16)]),
    "resnet_basic": ("resnet", "ResNetForImageClassification", dict(embedding_size=8, hidden_sizes=[8, 12, 20], depths=[1, 2, 1],
                                                              layer_type="basic", **LABELS), [(2, 37, 45)]),
    "resnet": ("resnet", "ResNetModel", dict(embedding_size=8, hidden_sizes=[16, 24], depths=[2, 1],
                                              downsample_in_first_stage=True), [(1, 32, 40)]),
    "resnet_early_stride": ("resnet", "ResNetForImageClassification", dict(embedding_size=8, hidden_sizes=[16, 24], depths=[1, 2],
                                                                           downsample_in_bottleneck=True, hidden_act="gelu",
                                                                           **LABELS), [(1, 33, 32)]),
    "regnet_x": ("regnet", "RegNetForImageClassification", dict(embedding_size=8, hidden_sizes=[16, 24], depths=[2, 1],
                                                           groups_width=4, layer_type="x", **LABELS), [(2, 32, 27)]),
    "regnet_y": ("regnet", "RegNetModel", dict(embedding_size=8, hidden_sizes=[12, 24], depths=[1, 2], groups_width=6,
                                               downsample_in_first_stage=False, hidden_act="silu"), [(1, 21, 32)]),
    "mobilenet_v2": ("mobilenet_v2", "MobileNetV2ForImageClassification",
                     dict(depth_multiplier=0.1, depth_divisible_by=4, min_depth=4, expand_ratio=2, finegrained_output=False,
                          **LABELS), [(2, 64, 64), (1, 51, 70)]),
    "mobilenet_v2_dilated": ("mobilenet_v2", "MobileNetV2Model",
                             dict(depth_multiplier=0.1, depth_divisible_by=4, min_depth=4, expand_ratio=2, finegrained_output=False,
                                  output_stride=8, tf_padding=False, first_layer_is_expansion=False), [(1, 48, 40)]),
    "efficientnet": ("efficientnet", "EfficientNetForImageClassification",
                     dict(width_coefficient=0.2, depth_coefficient=1.4, depth_divisor=4, num_block_repeats=[1, 2, 1],
                          in_channels=[32, 16, 24], out_channels=[16, 24, 24], kernel_sizes=[3, 5, 3], strides=[1, 2, 1],
                          expand_ratios=[1, 3, 2], hidden_dim=256, depthwise_padding=[1], **LABELS), [(2, 40, 40), (1, 33, 46)]),
    "efficientnet_max": ("efficientnet", "EfficientNetModel",
                         dict(width_coefficient=0.2, depth_coefficient=1.0, depth_divisor=4, num_block_repeats=[1, 1],
                              in_channels=[32, 16], out_channels=[16, 24], kernel_sizes=[3, 5], strides=[1, 2],
                              expand_ratios=[1, 3], hidden_dim=256, pooling_type="max", hidden_act="relu"), [(1, 31, 40)]),
    "convnext": ("convnext", "ConvNextForImageClassification", dict(hidden_sizes=[8, 12, 20], depths=[1, 2, 1], num_stages=3, **LABELS),
                 [(2, 32, 48), (1, 37, 41)]),
    "convnext_unscaled": ("convnext", "ConvNextModel", dict(hidden_sizes=[8, 12], depths=[1, 1], num_stages=2, patch_size=3,
                                                            layer_scale_init_value=0.0, hidden_act="relu"), [(1, 30, 27)]),
    "convnextv2": ("convnextv2", "ConvNextV2ForImageClassification", dict(hidden_sizes=[8, 12], depths=[2, 1], num_stages=2, **LABELS),
                   [(2, 24, 32)]),
    "poolformer": ("poolformer", "PoolFormerForImageClassification",
                   dict(hidden_sizes=[8, 12], depths=[2, 1], patch_sizes=[7, 3], strides=[4, 2], padding=[2, 1],
                        num_encoder_blocks=2, mlp_ratio=2.0, **LABELS), [(2, 40, 33)]),
    "poolformer_unscaled": ("poolformer", "PoolFormerModel",
                            dict(hidden_sizes=[8, 12], depths=[1, 1], patch_sizes=[5, 3], strides=[3, 2], padding=[1, 0],
                                 num_encoder_blocks=2, pool_size=5, use_layer_scale=False), [(1, 31, 40)]),
    "segformer": ("segformer", "SegformerForImageClassification",
                  dict(hidden_sizes=[8, 12], depths=[2, 1], patch_sizes=[7, 3], strides=[4, 2], num_encoder_blocks=2,
                       sr_ratios=[4, 1], num_attention_heads=[1, 3], mlp_ratios=[2, 3], **LABELS), [(2, 48, 64), (1, 37, 50)]),
    "segformer_bare": ("segformer", "SegformerModel",
                       dict(hidden_sizes=[10, 12], depths=[1, 1], patch_sizes=[3, 5], strides=[2, 2], num_encoder_blocks=2,
                            sr_ratios=[2, 2], num_attention_heads=[2, 2], mlp_ratios=[2, 2], hidden_act="relu"), [(1, 20, 28)]),
    "segformer_flat": ("segformer", "SegformerModel",
                       dict(hidden_sizes=[8, 10], depths=[1, 1], patch_sizes=[3, 3], strides=[2, 2], num_encoder_blocks=2,
                            sr_ratios=[2, 1], num_attention_heads=[2, 2], mlp_ratios=[1, 1], reshape_last_stage=False), [(1, 20, 13)]),
    "swin": ("swin", "SwinForImageClassification", dict(image_size=32, patch_size=2, embed_dim=12, depths=[2, 2], num_heads=[2, 3],
                                                         window_size=3, mlp_ratio=2.0, **LABELS),
             [(2, 32, 32), (1, 27, 37)]),
    "swin_positions": ("swin", "SwinModel", dict(image_size=16, patch_size=2, embed_dim=8, depths=[2, 1], num_heads=[2, 2],
                                                  window_size=4, mlp_ratio=2.0, use_absolute_embeddings=True, qkv_bias=False,
                                                  layer_norm_eps=1e-3), [(2, 16, 16)]),
    "segformer_segmentation": ("segformer", "SegformerForSemanticSegmentation",
                               dict(hidden_sizes=[8, 12, 16], depths=[1, 1, 1], patch_sizes=[7, 3, 3], strides=[4, 2, 2],
                                    num_encoder_blocks=3, sr_ratios=[4, 2, 1], num_attention_heads=[1, 3, 2],
                                    mlp_ratios=[2, 2, 2], decoder_hidden_size=14, **LABELS), [(2, 48, 64), (1, 45, 70)]),
    "pvt": ("pvt", "PvtForImageClassification",
            dict(image_size=32, hidden_sizes=[8, 12], depths=[1, 2], patch_sizes=[4, 2], strides=[4, 2], num_encoder_blocks=2,
                 sequence_reduction_ratios=[4, 1], num_attention_heads=[1, 3], mlp_ratios=[2, 2], num_labels=5, **LABELS),
            [(2, 32, 32)]),
    "pvt_bare": ("pvt", "PvtModel",
                 dict(image_size=48, hidden_sizes=[8, 12, 16], depths=[1, 1, 1], patch_sizes=[4, 2, 2], strides=[4, 2, 2],
                      num_encoder_blocks=3, sequence_reduction_ratios=[2, 2, 1], num_attention_heads=[2, 3, 2],
                      mlp_ratios=[2, 1, 2], qkv_bias=False, hidden_act="relu"), [(1, 48, 48)]),
    "yolos": ("yolos", "YolosForObjectDetection", vit(width=18, layers=3, heads=2, image=(24, 40), num_detection_tokens=4, **LABELS),
              [(2, 24, 40), (1, 33, 30)]),
    "yolos_single_positions": ("yolos", "YolosForObjectDetection",
                               vit(width=20, heads=2, image=(32, 16), num_detection_tokens=3, use_mid_position_embeddings=False,
                                   qkv_bias=False, hidden_act="relu", layer_norm_eps=1e-3), [(1, 24, 40)]),
    "yolos_bare": ("yolos", "YolosModel", vit(image_size=[16, 24], num_detection_tokens=2), [(2, 30, 24)]),
    "depth_anything": ("depth_anything", "DepthAnythingForDepthEstimation",
                       depth(backbone("dinov2", patch=7, image=(21, 21), out_indices=[1, 2]), reassemble_factors=[2, 0.5], patch_size=7),
                       [(2, 21, 35), (1, 30, 45)]),
    "depth_anything_metric": ("depth_anything", "DepthAnythingForDepthEstimation",
                              depth(backbone("dinov2", layers=3, patch=6, image=(24, 24), out_features=["stem", "stage1", "stage3"],
                                             apply_layernorm=False, use_swiglu_ffn=True), neck=(6, 9, 12),
                                    reassemble_factors=[3, 1, 0.5], patch_size=6, depth_estimation_type="metric", max_depth=20,
                                    head_in_index=1, head_hidden_size=5), [(1, 24, 30)]),
    "dpt": ("dpt", "DPTForDepthEstimation", vit(width=18, heads=2, layers=3, image=(24, 24), backbone_out_indices=[2, 0],
                                                **dpt()), [(2, 24, 24), (1, 32, 34)]),
    "dpt_add": ("dpt", "DPTForDepthEstimation",
                vit(width=18, heads=2, layers=2, image=(24, 24), backbone_out_indices=[0, 1], readout_type="add", qkv_bias=False,
                    **dpt(use_batch_norm_in_fusion_residual=True, head_in_index=0)), [(1, 40, 40)]),
    "dpt_segmentation": ("dpt", "DPTForSemanticSegmentation",
                         vit(width=18, heads=2, layers=2, image=(24, 24), backbone_out_indices=[0, 1], readout_type="ignore",
                             **dpt(), **LABELS), [(2, 24, 24)]),
    "dpt_beit": ("dpt", "DPTForDepthEstimation",
                 dpt(backbone("beit", image=(24, 24), use_relative_position_bias=True, out_features=["stage1", "stage2"])),
                 [(1, 24, 24), (1, 32, 16)]),
    "dpt_dinov2": ("dpt", "DPTForDepthEstimation",
                   dpt(backbone("dinov2", patch=7, image=(21, 21), out_indices=[0, -1]), hidden_act="relu"), [(1, 28, 37)]),
    "detr": ("detr", "DetrForObjectDetection", detr(RESNET, **LABELS), [(2, 32, 40), (1, 42, 29)]),
    "detr_learned": ("detr", "DetrForObjectDetection",
                     detr(RESNET | dict(layer_type="basic", hidden_sizes=[8, 12], out_features=["stage2"]), position_embedding_type="learned",
                          auxiliary_loss=True, activation_function="gelu", d_model=18, encoder_attention_heads=3, decoder_attention_heads=1,
                          decoder_layers=1), [(2, 36, 32)]),
    "detr_bare": ("detr", "DetrModel", detr(RESNET), [(2, 33, 40)]),
    "detr_timm": ("detr", "DetrForObjectDetection", detr(None, backbone="resnet50", **LABELS), [(1, 50, 38)]),
    "detr_timm_dilated": ("detr", "DetrForObjectDetection", detr(None, backbone="resnet18", dilation=True), [(1, 64, 40)]),
    "dpt_bare": ("dpt", "DPTModel", vit(image=(24, 24)), [(1, 32, 16)]),
}
MODELS |= {
    "mobilevit": ("mobilevit", "MobileViTForImageClassification",
                  dict(hidden_sizes=[6, 8, 8], neck_hidden_sizes=[4, 4, 4, 4, 8, 8, 12], num_attention_heads=2,
                       mlp_ratio=1.5, expand_ratio=2.0, **LABELS), [(2, 32, 40), (1, 37, 70), (1, 11, 6)]),
    "mobilevit_dilated": ("mobilevit", "MobileViTModel",
                          dict(hidden_sizes=[6, 9, 9], neck_hidden_sizes=[4, 4, 8, 8, 8, 8, 10], num_attention_heads=3,
                               mlp_ratio=2.0, expand_ratio=1.5, patch_size=3, conv_kernel_size=1, output_stride=8,
                               hidden_act="relu", qkv_bias=False), [(1, 24, 40), (2, 33, 20)]),
    "mobilevitv2": ("mobilevitv2", "MobileViTV2ForImageClassification",
                    dict(width_multiplier=0.02, n_attn_blocks=[2, 1, 1], base_attn_unit_dims=[400, 700, 800],
                         **LABELS), [(2, 33, 40), (1, 40, 70)]),
    "mobilevitv2_dilated": ("mobilevitv2", "MobileViTV2Model",
                            dict(width_multiplier=0.02, n_attn_blocks=[1, 2, 1], base_attn_unit_dims=[400, 800, 400],
                                 patch_size=3, conv_kernel_size=5, output_stride=16, expand_ratio=1.5, ffn_multiplier=3,
                                 hidden_act="gelu", layer_norm_eps=1e-2), [(1, 51, 52)]),
    "swinv2": ("swinv2", "Swinv2ForImageClassification",
               dict(image_size=32, patch_size=2, embed_dim=12, depths=[2, 2], num_heads=[2, 3], window_size=3, mlp_ratio=2.0,
                    **LABELS), [(2, 32, 32), (1, 27, 37), (1, 3, 5)]),
    "swinv2_bounded": ("swinv2", "Swinv2Model",
                       dict(image_size=[18, 40], patch_size=2, embed_dim=8, depths=[2, 2], num_heads=[2, 2], window_size=5,
                            pretrained_window_sizes=[7, 4], qkv_bias=False, hidden_act="relu", layer_norm_eps=1e-3),
                       [(2, 18, 40), (1, 13, 9)]),
    "focalnet": ("focalnet", "FocalNetForImageClassification",
                 dict(image_size=32, patch_size=2, embed_dim=8, depths=[1, 2, 1], focal_levels=[2, 3, 1],
                      focal_windows=[3, 1, 5], mlp_ratio=2.0, **LABELS), [(2, 32, 32), (1, 27, 37)]),
    "focalnet_convolutions": ("focalnet", "FocalNetModel",
                              dict(image_size=32, patch_size=4, embed_dim=10, depths=[2, 1], focal_levels=[1, 2],
                                   focal_windows=[3, 3], use_conv_embed=True, use_layerscale=True, use_post_layernorm=True,
                                   use_post_layernorm_in_modulation=True, normalize_modulator=True, hidden_act="relu",
                                   layer_norm_eps=1e-3), [(1, 36, 44), (2, 29, 37)]),
    "focalnet_scaled": ("focalnet", "FocalNetForImageClassification",
                        dict(image_size=20, patch_size=3, embed_dim=6, depths=[1, 1], focal_levels=[0, 2],
                             focal_windows=[3, 3], use_conv_embed=True, use_layerscale=True, normalize_modulator=True,
                             **LABELS), [(2, 20, 20)]),
    "cvt": ("cvt", "CvtForImageClassification",
            dict(embed_dim=[8, 12], num_heads=[2, 3], depth=[1, 3], patch_sizes=[7, 3], patch_stride=[4, 2],
                 patch_padding=[2, 1], mlp_ratio=[2.0, 2.0], attention_drop_rate=[0.0] * 2, drop_rate=[0.0] * 2,
                 drop_path_rate=[0.0, 0.1], qkv_bias=[True, True], cls_token=[False, True],
                 qkv_projection_method=["dw_bn"] * 2, kernel_qkv=[3, 3], padding_kv=[1, 1], stride_kv=[2, 2],
                 padding_q=[1, 1], stride_q=[1, 1], **LABELS), [(2, 32, 48), (1, 27, 37), (1, 4, 5)]),
    "cvt_means": ("cvt", "CvtForImageClassification",
                  dict(embed_dim=[6, 8, 10], num_heads=[1, 2, 2], depth=[1, 2, 3], patch_sizes=[5, 2, 3],
                       patch_stride=[3, 2, 1], patch_padding=[1, 0, 1], mlp_ratio=[1.0, 2.0, 2.0],
                       attention_drop_rate=[0.0] * 3, drop_rate=[0.0] * 3, drop_path_rate=[0.0] * 3,
                       qkv_bias=[False, True, False], cls_token=[False] * 3, qkv_projection_method=["dw_bn"] * 3,
                       kernel_qkv=[5, 3, 1], padding_kv=[2, 0, 0], stride_kv=[3, 1, 2], padding_q=[2, 1, 0],
                       stride_q=[1, 1, 1], output_hidden_states=True, **LABELS), [(2, 40, 31)]),
    "cvt_bare": ("cvt", "CvtModel",
                 dict(embed_dim=[8, 8], num_heads=[2, 1], depth=[1, 2], patch_sizes=[3, 3], patch_stride=[2, 2],
                      patch_padding=[1, 1], mlp_ratio=[2.0, 1.0], attention_drop_rate=[0.0] * 2, drop_rate=[0.0] * 2,
                      drop_path_rate=[0.0] * 2, qkv_bias=[True, False], cls_token=[True, True],
                      qkv_projection_method=["dw_bn"] * 2, kernel_qkv=[3, 3], padding_kv=[1, 1], stride_kv=[1, 2],
                      padding_q=[1, 1], stride_q=[1, 1]), [(1, 19, 24)]),
    "mobilevit_segmentation": ("mobilevit", "MobileViTForSemanticSegmentation",
                               dict(hidden_sizes=[6, 6, 8], neck_hidden_sizes=[4, 4, 4, 4, 8, 8, 12],
                                    num_attention_heads=2, mlp_ratio=1.5, expand_ratio=2.0, output_stride=16,
                                    aspp_out_channels=6, atrous_rates=[2, 3, 5], **LABELS),
                               [(1, 33, 40), (1, 49, 50)]),
    "mobilevitv2_segmentation": ("mobilevitv2", "MobileViTV2ForSemanticSegmentation",
                                 dict(width_multiplier=0.02, n_attn_blocks=[1, 1, 1], output_stride=8, aspp_out_channels=5,
                                      **LABELS), [(1, 40, 33), (1, 52, 70)]),
    "beit_segmentation": ("beit", "BeitForSemanticSegmentation",
                          vit(width=12, layers=3, heads=2, ffn=16, out_indices=[0, 1, 2, 3], pool_scales=[1, 2, 3],
                              use_relative_position_bias=True, auxiliary_channels=4, **LABELS),
                          [(2, 24, 24), (1, 40, 32)]),
    "upernet_convnext": ("upernet", "UperNetForSemanticSegmentation",
                         dict(backbone_config=dict(model_type="convnext", hidden_sizes=[6, 8, 10], depths=[1, 2, 1], num_stages=3,
                                                   patch_size=2, out_features=["stage1", "stage2", "stage3"], hidden_act="relu"),
                              hidden_size=8, auxiliary_channels=4, pool_scales=[1, 2, 5], **LABELS),
                         [(1, 32, 32), (1, 21, 37)]),
    "upernet_swin": ("upernet", "UperNetForSemanticSegmentation",
                     dict(backbone_config=dict(model_type="swin", image_size=32, patch_size=2, embed_dim=6, depths=[2, 2, 1],
                                               num_heads=[2, 1, 3], window_size=3, mlp_ratio=2.0,
                                               out_features=["stage1", "stage3"]),
                          hidden_size=6, use_auxiliary_head=False, pool_scales=[2, 3], **LABELS),
                     [(1, 28, 32), (1, 13, 23)]),
    "mobilenet_v2_segmentation": ("mobilenet_v2", "MobileNetV2ForSemanticSegmentation",
                                  dict(depth_multiplier=0.05, depth_divisible_by=2, min_depth=2, expand_ratio=2,
                                       output_stride=8, finegrained_output=False, **LABELS), [(1, 65, 65), (1, 48, 51)]),
}
MODELS |= {
    "dinov2_renamed": ("dinov2", "Dinov2Model", vit(width=12, heads=2, layers=1, patch=6, use_swiglu_ffn=True), [(1, 24, 24)]),
    "swin_renamed": ("swin", "SwinModel", dict(image_size=16, patch_size=4, embed_dim=6, depths=[1, 1], num_heads=[2, 1], window_size=2,
                                               mlp_ratio=1.0), [(1, 16, 16)]),
    "segformer_renamed": ("segformer", "SegformerForSemanticSegmentation",
                          dict(hidden_sizes=[8, 10], depths=[1, 1], patch_sizes=[3, 3], strides=[2, 2], num_encoder_blocks=2,
                               sr_ratios=[2, 1], num_attention_heads=[2, 2], mlp_ratios=[1, 1], decoder_hidden_size=6), [(1, 20, 13)]),
}
RESULTS = ("logits", "pred_boxes", "predicted_depth", "last_hidden_state", "encoder_last_hidden_state", "pooler_output",
           "cls_token_value")


def narrow(head, channels):
    """MobileNet v2's head for segmentation has 256 channels, whatever the config says: too many for a small file."""
    for name in ("conv_pool", "conv_aspp", "conv_projection"):
        layer = getattr(head, name)
        inputs = 2 * channels if name == "conv_projection" else layer.convolution.in_channels
        layer.convolution = torch.nn.Conv2d(inputs, channels, 1, bias=False)
        layer.normalization = torch.nn.BatchNorm2d(channels, eps=layer.normalization.eps)
    head.classifier.convolution = torch.nn.Conv2d(channels, head.classifier.convolution.out_channels, 1)


def padding_mask(batch, height, width):
    mask = torch.ones((batch, height, width), dtype=torch.int64)
    mask[-1, 2 * height // 3:] = 0
    mask[-1, :, width // 2:] = 0
    return mask


def make_small_timm_networks():
    """Under timm's names networks of the same structure with few channels."""
    import timm
    from timm.models import resnet
    for name, block, channels in (("resnet18", resnet.BasicBlock, (4, 6, 8, 8)), ("resnet50", resnet.Bottleneck, (4, 4, 6, 6))):
        def network(pretrained=False, name=name, block=block, channels=channels, **more):
            return resnet._create_resnet(name, pretrained, block=block, layers=(1, 1, 1, 2), channels=channels, **more)
        timm.models._registry._model_entrypoints[name] = network


def make(name):
    model_type, class_name, config, sizes = MODELS[name]
    config.pop("intermediate_size", None) if "dinov2" in model_type else None
    torch.manual_seed(len(name))
    settings = AutoConfig.for_model(model_type, **config)
    settings.architectures = [class_name]
    model = getattr(transformers, class_name)._from_config(settings, attn_implementation="eager").eval()
    if class_name == "MobileNetV2ForSemanticSegmentation":
        narrow(model.segmentation_head, 12)
        model.eval()
    shake(model, seed=len(name))
    for key, parameter in model.named_parameters():
        if key.endswith("logit_scale"):  # from below to above the bound, which is log(100)
            parameter.data.copy_(torch.linspace(0.5, 5, len(parameter)).reshape(parameter.shape))
    if config.get("depth_estimation_type") == "metric":  # so that sigmoids are not saturated
        model.head.conv3.weight.data *= 0.003
    for key, buffer in model.named_buffers():
        if key.endswith("running_mean"):
            buffer.copy_(0.3 * torch.randn(buffer.shape))
        elif key.endswith("running_var"):
            buffer.copy_(0.5 + torch.rand(buffer.shape))
    folder = HERE / name
    model.save_pretrained(folder, save_original_format=not name.endswith("_renamed"))  # or with the names of transformers 5
    for file in folder.glob("*.md"):
        file.unlink()
    reference = Reference()
    for case, (batch, height, width) in enumerate(sizes):
        generator = torch.Generator().manual_seed(case)
        channels = getattr(settings, "backbone_config", settings).num_channels
        pixels = torch.randn((batch, channels, height, width), generator=generator)
        inputs = {"pixel_values": pixels}
        if model_type == "detr" and case == 0 and batch > 1:
            inputs["pixel_mask"] = padding_mask(batch, height, width)
        with torch.no_grad():
            out = model(**inputs)
        results = {key: out[key] for key in RESULTS if out.get(key) is not None}
        reference.add("forward", inputs, results, None if len(sizes) == 1 else f"c{case}")
    reference.save(folder / "reference.safetensors")
    print(name, sum(file.stat().st_size for file in folder.iterdir()) // 1024, "KB", flush=True)


if __name__ == "__main__":
    make_small_timm_networks()
    for wanted in sys.argv[1:] or MODELS:
        make(wanted)
