"""One pass of diffusers' transformer."""

import numpy as np
import torch
from diffusers import MochiTransformer3DModel


def prepare(model: str, latents: str, shape: list[int], text: str, tokens: int, timestep: float):
    transformer = MochiTransformer3DModel.from_pretrained(model, subfolder="transformer").eval()
    inputs = {
        "hidden_states": torch.from_numpy(np.fromfile(latents, np.float32)).reshape(1, *shape),
        "encoder_hidden_states": torch.from_numpy(np.fromfile(text, np.float32)).reshape(1, tokens, -1),
        "encoder_attention_mask": torch.ones(1, tokens, dtype=torch.bool),
        "timestep": torch.tensor([timestep]),
    }
    return lambda: transformer(**inputs, return_dict=False)[0]
