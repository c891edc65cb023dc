"""Writes one of the benchmarks' models: Mochi's architecture with random weights. `model.py medium|large FOLDER`

`medium` is what two cores can compute; the transformer of `large` has 2 GiB of float32 weights, the rest of it is small.
"""

import sys

import torch
from diffusers import AutoencoderKLMochi, MochiTransformer3DModel
from transformers import T5Config, T5EncoderModel

SIZES = {
    "medium": {
        "transformer": {"num_layers": 6, "num_attention_heads": 8, "pooled_projection_dim": 256},
        "vae": {"decoder_block_out_channels": (64, 128, 256, 384), "layers_per_block": (1, 1, 2, 2, 1)},
        "t5": {"d_model": 512, "d_kv": 64, "d_ff": 1280, "num_heads": 8, "num_layers": 6},
    },
    "large": {
        "transformer": {"num_layers": 11, "num_attention_heads": 24, "pooled_projection_dim": 768},
        "vae": {"decoder_block_out_channels": (32, 32, 32, 32), "layers_per_block": (1, 1, 1, 1, 1)},
        "t5": {"d_model": 256, "d_kv": 64, "d_ff": 512, "num_heads": 4, "num_layers": 2},
    },
}


def main(size: str, folder: str) -> None:
    torch.manual_seed(0)
    sizes = SIZES[size]
    transformer = MochiTransformer3DModel(
        **sizes["transformer"], attention_head_dim=64, text_embed_dim=sizes["t5"]["d_model"], time_embed_dim=256
    )
    # Zero at first in diffusers, which would leave rotations out of the comparison.
    torch.nn.init.normal_(transformer.pos_frequencies)
    transformer.save_pretrained(f"{folder}/transformer")
    vae = AutoencoderKLMochi(encoder_block_out_channels=(32, 32, 32, 32), **sizes["vae"])
    vae.save_pretrained(f"{folder}/vae")
    t5 = T5Config(**sizes["t5"], feed_forward_proj="gated-gelu", is_encoder_decoder=False)
    T5EncoderModel(t5).save_pretrained(f"{folder}/text_encoder")


main(*sys.argv[1:])
