"""What a latent stands for. Of every block of 8x8 pixels and 6 frames: its mean colour, the colours of the shape and of the
ground, and how far twelve of its points are from the shape's edge, which no grid can make ragged."""

import random
from functools import cache

import torch
from torch import Tensor

from clips import Clips, clips_of, random_scene

SPACE, TIME = 8, 6
ROWS = COLUMNS = 2  # points of a block
MOMENTS = 3  # every other frame
CHANNELS = 9 + MOMENTS * ROWS * COLUMNS
REACH = 12.0  # pixels; distances beyond it all look alike


def encode_raw(clips: Clips) -> Tensor:
    """Latents [B, CHANNELS, T, h, w]. The first latent frame stands for the clip's first frame alone."""
    b, frames, _ = clips.paths.shape
    times = (frames - 1) // TIME + 1
    step = TIME // MOMENTS
    at = (torch.arange(times * MOMENTS, device=clips.paths.device) * step - TIME + step).clamp(min=0)
    far = clips.distances(clips.paths[:, at], SPACE // ROWS)
    h, w = clips.height // SPACE, clips.width // SPACE
    far = far.view(b, times, MOMENTS, h, ROWS, w, COLUMNS).permute(0, 2, 4, 6, 1, 3, 5).flatten(1, 3)
    mean = clips.blend((0.5 - far / SPACE).clamp(0, 1).mean(1))
    constant = torch.cat([clips.paint, clips.ground], 1)[..., None, None, None].expand(-1, -1, *mean.shape[2:])
    return torch.cat([mean, constant, REACH * (far / REACH).tanh()], 1)


@cache
def statistics() -> tuple[Tensor, Tensor]:
    """Mean and deviation of every channel, each [CHANNELS]."""
    rng = random.Random(0)
    raw = encode_raw(clips_of([random_scene(rng) for _ in range(400)], "192x128x37", rng))
    return raw.mean((0, 2, 3, 4)), raw.std((0, 2, 3, 4))


def encode(clips: Clips) -> Tensor:
    """Normalised latents [B, CHANNELS, T, h, w]: every channel has about mean 0 and deviation 1."""
    raw = encode_raw(clips)
    mean, std = (value.view(1, -1, 1, 1, 1).to(raw.device) for value in statistics())
    return (raw - mean) / std
