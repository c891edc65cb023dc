"""Writes the benchmarks' model: Mochi's architecture at a size that two cores can compute, with random weights.

`medium_model.py FOLDER`
"""

import sys

import torch
from diffusers import AutoencoderKLMochi, MochiTransformer3DModel
from transformers import T5Config, T5EncoderModel

WIDTH = 512


def main(folder: str) -> None:
    torch.manual_seed(0)
    transformer = MochiTransformer3DModel(
        num_layers=6,
        num_attention_heads=8,
        attention_head_dim=64,
        pooled_projection_dim=256,
        text_embed_dim=WIDTH,
        time_embed_dim=256,
    )
    # Zero at first in diffusers, which would leave rotations out of the comparison.
    torch.nn.init.normal_(transformer.pos_frequencies)
    transformer.save_pretrained(f"{folder}/transformer")
    vae = AutoencoderKLMochi(
        encoder_block_out_channels=(32, 32, 32, 32),
        decoder_block_out_channels=(64, 128, 256, 384),
        layers_per_block=(1, 1, 2, 2, 1),
    )
    vae.save_pretrained(f"{folder}/vae")
    t5 = T5Config(
        d_model=WIDTH,
        d_kv=64,
        d_ff=1280,
        num_heads=8,
        num_layers=6,
        feed_forward_proj="gated-gelu",
        is_encoder_decoder=False,
    )
    T5EncoderModel(t5).save_pretrained(f"{folder}/text_encoder")


main(sys.argv[1])
