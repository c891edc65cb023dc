"""Writes a model whose transformer has 2 GiB of float32 weights; the rest is small. `large_model.py FOLDER`"""

import sys

import torch
from diffusers import AutoencoderKLMochi, MochiTransformer3DModel
from transformers import T5Config, T5EncoderModel

WIDTH = 256


def main(folder: str) -> None:
    torch.manual_seed(0)
    transformer = MochiTransformer3DModel(
        num_layers=11,
        num_attention_heads=24,
        attention_head_dim=64,
        pooled_projection_dim=768,
        text_embed_dim=WIDTH,
        time_embed_dim=256,
    )
    transformer.save_pretrained(f"{folder}/transformer")
    vae = AutoencoderKLMochi(
        encoder_block_out_channels=(32, 32, 32, 32),
        decoder_block_out_channels=(32, 32, 32, 32),
        layers_per_block=(1, 1, 1, 1, 1),
    )
    vae.save_pretrained(f"{folder}/vae")
    t5 = T5Config(d_model=WIDTH, d_ff=512, num_heads=4, num_layers=2, feed_forward_proj="gated-gelu")
    T5EncoderModel(t5).save_pretrained(f"{folder}/text_encoder")


main(sys.argv[1])
