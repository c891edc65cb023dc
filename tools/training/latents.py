"""The linear encoder: every 8x8x6 block of pixels becomes 12 numbers, 3 of mean colour and 9 of brightness pattern."""

import random

import numpy as np
import torch

from clips import random_scene, render

SPACE, TIME, CHANNELS = 8, 6, 12
BRIGHTNESS = torch.tensor([0.3, 0.5, 0.2])  # every colour differs from every background along this direction


def to_signal(clips: np.ndarray) -> torch.Tensor:
    """uint8 [B, F, H, W, 3] -> float [B, 3, F, H, W] in -1..1."""
    return torch.from_numpy(clips).permute(0, 4, 1, 2, 3).float() / 127.5 - 1


def blocks(signal: torch.Tensor) -> torch.Tensor:
    """[B, 3, F, H, W] -> [B, T, h, w, 3, 6 * 8 * 8]; the first frame stands for the five before it."""
    signal = torch.cat([signal[:, :, :1].expand(-1, -1, TIME - 1, -1, -1), signal], 2)
    b, c, f, h, w = signal.shape
    cut = signal.view(b, c, f // TIME, TIME, h // SPACE, SPACE, w // SPACE, SPACE)
    return cut.permute(0, 2, 4, 6, 1, 3, 5, 7).reshape(b, f // TIME, h // SPACE, w // SPACE, c, -1)


def fit_basis(seed: int = 0, clips: int = 200) -> dict[str, torch.Tensor]:
    """Closed form: `weight` [12, 3 * 384] by principal components, `mean` and `std` of the 12 channels."""
    rng = random.Random(seed)
    rendered = np.stack([render(random_scene(rng), 25, 128, 128, rng) for _ in range(clips)])
    cut = torch.cat([blocks(to_signal(part)).flatten(0, 3) for part in np.split(rendered, 20)])
    means = cut.mean(-1)
    colour_axes = torch.linalg.eigh(torch.cov(means.T.double()))[1].flip(1).float()
    bright = torch.einsum("ncp,c->np", cut, BRIGHTNESS)
    bright = bright - bright.mean(1, keepdim=True)
    pattern_axes = torch.linalg.eigh((bright.T @ bright).double())[1].flip(1)[:, : CHANNELS - 3].float()
    size = cut.shape[-1]
    colour = torch.einsum("ck,p->kcp", colour_axes, torch.full((size,), 1 / size))
    pattern = torch.einsum("c,pk->kcp", BRIGHTNESS, pattern_axes - pattern_axes.mean(0))
    weight = torch.cat([colour, pattern]).flatten(1)
    weight = weight / (cut.flatten(1) @ weight.T).std(0)[:, None]
    projected = cut.flatten(1) @ weight.T
    return {"weight": weight, "mean": projected.mean(0), "std": projected.std(0)}


def encode(signal: torch.Tensor, basis: dict[str, torch.Tensor]) -> torch.Tensor:
    """[B, 3, F, H, W] -> normalised latents [B, 12, T, h, w]."""
    projected = blocks(signal).flatten(-2) @ basis["weight"].T
    return ((projected - basis["mean"]) / basis["std"]).permute(0, 4, 1, 2, 3)
