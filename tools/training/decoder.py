"""The decoder, from its start in closed form; and the encoder, which text to video does not need."""

import random
from dataclasses import dataclass

import torch
from diffusers import AutoencoderKLMochi
from torch import Tensor, nn

from autoencoder import decode
from clips import Clips, clips_of, random_scene
from device import autocast
from latents import encode
from loop import Stage
from muon import BatchedMuon

SIZES = {"192x128x13": 0.4, "128x96x13": 0.3, "96x96x19": 0.2, "64x64x7": 0.1}
NOISE = 0.15  # the transformer's latents are not exact either; this much of their deviation at most
NEAR = 4.0  # pixels from the edge that count more


@dataclass
class Pictures:
    name: str
    pixels: int  # pixels of all frames of a batch, about

    def __call__(self, step: int) -> Clips:
        rng = random.Random(f"{self.name} {step}")
        size = rng.choices(list(SIZES), list(SIZES.values()))[0]
        width, height, frames = map(int, size.split("x"))
        count = max(1, round(self.pixels / (width * height * frames)))
        return clips_of([random_scene(rng) for _ in range(count)], size, rng)


def reconstruction(error: Tensor, distance: Tensor) -> Tensor:
    """Distance of the values and of their differences to the next column, row and frame, in which ragged edges and flicker are dear.

    `error` [B, 3, F, H, W], `distance` [B, F, H, W] to the edge in pixels.
    """
    weight = 1 + 9 * (distance.abs() < NEAR).float()[:, None]
    weight = (weight / weight.mean()).expand_as(error)
    loss = (weight * (error.abs() + error.square())).mean()
    for axis in (-1, -2, 2):
        inner = weight.narrow(axis, 1, weight.shape[axis] - 1)
        loss = loss + 0.5 * (inner * error.diff(dim=axis).abs()).mean()
    return loss


def split(named: list[tuple[str, nn.Parameter]], rate: float) -> list[tuple[float, torch.optim.Optimizer]]:
    """Muon for convolutions, AdamW for the rest; the linear layers, which start right, move slowly."""
    convolutions = [p for name, p in named if ".conv.weight" in name and "resnets" in name]
    known = {id(p) for p in convolutions}
    vectors = [p for _, p in named if p.ndim < 2]
    linear = [p for _, p in named if p.ndim >= 2 and id(p) not in known]
    adam = {"lr": rate, "betas": (0.9, 0.98), "weight_decay": 0.0}
    return [
        (0.5, torch.optim.AdamW(linear, **adam)),
        (1.0, torch.optim.AdamW(vectors, **adam)),
        (1.0, BatchedMuon(convolutions, lr=rate, weight_decay=0.0)),
    ]


def decoder_stage(vae: AutoencoderKLMochi, device: torch.device, rate: float, pixels: int) -> Stage:
    named = list(vae.decoder.named_parameters())

    def loss(batch: Clips) -> Tensor:
        clips = batch.to(device)
        latents = encode(clips)
        latents = latents + NOISE * torch.rand(len(latents), 1, 1, 1, 1, device=device) * torch.randn_like(latents)
        with autocast(device):
            frames = decode(vae, latents).float()
        return reconstruction(frames - clips.draw(), clips.distances(clips.paths, 1))

    return Stage("decoder", named, split(named, rate), Pictures("decoder", pixels), loss, hold=0.3, average=0.995)


def encoder_stage(vae: AutoencoderKLMochi, device: torch.device, rate: float, pixels: int) -> Stage:
    named = list(vae.encoder.named_parameters())

    def loss(batch: Clips) -> Tensor:
        clips = batch.to(device)
        with autocast(device):
            found = vae.encode(clips.draw()).latent_dist.mean.float()
        return (found - encode(clips)).square().mean()

    adam = torch.optim.AdamW([p for _, p in named], lr=rate, betas=(0.9, 0.98), weight_decay=0.0)
    return Stage("encoder", named, [(1.0, adam)], Pictures("encoder", pixels), loss, hold=0.3, average=0.995)
