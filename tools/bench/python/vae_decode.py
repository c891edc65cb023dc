"""diffusers' VAE: latents to frames, [frames, 3, height, width]."""

import numpy as np
import torch
from diffusers import AutoencoderKLMochi


def prepare(model: str, latents: str, shape: list[int], tiling: dict[str, int] | None):
    vae = AutoencoderKLMochi.from_pretrained(model, subfolder="vae").eval()
    if tiling is not None:
        vae.enable_tiling(**tiling)
    z = torch.from_numpy(np.fromfile(latents, np.float32)).reshape(1, *shape)
    return lambda: vae.decode(z, return_dict=False)[0][0].transpose(0, 1)
