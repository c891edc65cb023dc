"""Stage 2: `python vae.py CACHE OUT --steps N` sets the encoder in closed form and trains the decoder."""

import argparse
import math
import random
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKLMochi

from autoencoder import CONFIG, decode, set_decoder, set_encoder
from clips import random_scene, render
from latents import blocks, encode, to_signal
from muon import BatchedMuon
from optimiser import Average, learning_rate

# (share at first, share at the end)
SIZES = {"64x64x13": (0.4, 0.15), "96x96x13": (0.3, 0.3), "128x128x13": (0.3, 0.55)}
CROPPED = 0.65  # share of the clips whose flat ground is cut away, which halves the work
MARGIN = 10  # pixels of ground kept around the shape
POOL = 600  # clips of each size
NOISE = 0.12  # the transformer's latents are not exact either


def make_pool(size: str, count: int, seed: int) -> np.ndarray:
    width, height, frames = map(int, size.split("x"))
    rng = random.Random(f"{size} {seed}")
    return np.stack([render(random_scene(rng), frames, height, width, rng) for _ in range(count)])


def new_vae(basis: dict[str, torch.Tensor], seed: int = 0) -> AutoencoderKLMochi:
    torch.manual_seed(seed)
    stats = {"latents_mean": basis["mean"].tolist(), "latents_std": basis["std"].tolist()}
    vae = AutoencoderKLMochi(**CONFIG, **stats)
    set_encoder(vae, basis["weight"])
    pixels = blocks(to_signal(make_pool("128x128x13", 40, seed=1))).flatten(0, 3).flatten(1)
    known = torch.cat([pixels @ basis["weight"].T, torch.ones(len(pixels), 1)], 1).double()
    # ridge regression: flat blocks alone would leave the fine patterns undetermined
    gram = known.T @ known + 1e-6 * len(pixels) * torch.eye(13).double()
    solution = torch.linalg.solve(gram, known.T @ pixels.double()).float()
    set_decoder(vae, solution[:12].T.contiguous(), solution[12])
    return vae


def crop(signal: torch.Tensor) -> tuple[torch.Tensor, float]:
    """Cuts flat ground away in steps of the latents' 8 pixels; returns the share that was cut too."""
    differs = (signal - signal[:, :, :1, :1, :1]).abs().amax((0, 1, 2)) > 0.02
    height, width = differs.shape
    spans = []
    for side, length in ((differs.any(1), height), (differs.any(0), width)):
        inside = side.nonzero()
        first, last = inside.min().item(), inside.max().item() + 1
        spans.append((max(0, (first - MARGIN) // 8 * 8), min(length, -(-(last + MARGIN) // 8) * 8)))
    (top, bottom), (left, right) = spans
    if top == 0:
        return signal, 0.0  # the top row must be ground
    return signal[..., top:bottom, left:right], 1 - (bottom - top) * (right - left) / (height * width)


def edge_weight(signal: torch.Tensor) -> torch.Tensor:
    """Six times the weight around the shape, where everything that can go wrong is."""
    ground = signal[:, :, :1, :1, :1]
    near = (signal - ground).abs().sum(1).amax(1, keepdim=True)
    near = torch.nn.functional.max_pool2d(near, 9, 1, 4) > 0.05
    weight = 1 + 5 * near.float()[:, None]
    return weight / weight.mean()


def reconstruction(error: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Distance of the values, and of their differences to the next column, row and frame: a soft edge or a grid is dear in those."""
    weight = weight.expand_as(error)
    loss = (weight * (error.abs() + error.square())).mean()
    for axis in (-1, -2, 2):
        if error.shape[axis] > 1:
            inner = weight.narrow(axis, 1, weight.shape[axis] - 1)
            loss = loss + (inner * error.diff(dim=axis).abs()).mean()
    return loss


def psnr(vae: AutoencoderKLMochi, basis: dict, clips: np.ndarray) -> float:
    total = 0.0
    with torch.no_grad():
        for clip in clips:
            signal = to_signal(clip[None])
            raw = encode(signal, basis) * basis["std"].view(1, 12, 1, 1, 1) + basis["mean"].view(1, 12, 1, 1, 1)
            total += (decode(vae, raw, torch.float32).clamp(-1, 1) - signal).square().mean().item()
    return 10 * math.log10(4 / (total / len(clips)))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("cache", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--rate", type=float, default=2e-4)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--start", type=Path, help="go on from this autoencoder")
    parser.add_argument("--seed", type=int, default=10, help="of the clips; take another one with --start")
    parser.add_argument("--save-every", type=int, default=500, help="steps")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    basis = torch.load(args.cache / "basis.pt")
    vae = AutoencoderKLMochi.from_pretrained(args.start) if args.start else new_vae(basis)
    std, mean = (basis[key].view(1, 12, 1, 1, 1) for key in ("std", "mean"))
    rng = random.Random(args.seed)
    torch.manual_seed(args.seed)
    pools = {size: make_pool(size, POOL, args.seed) for size in SIZES}
    held = make_pool("128x128x13", 4, seed=99)
    print(f"psnr {psnr(vae, basis, held):.2f}", flush=True)
    parameters = list(vae.decoder.parameters())
    convolutions = [p for name, p in vae.decoder.named_parameters() if ".conv.weight" in name]
    vectors = [p for p in parameters if p.ndim < 2]
    known = {id(p) for p in (*convolutions, *vectors)}
    # the linear layers start as the exact inverse of the encoder and move slowly
    linear = [p for p in parameters if id(p) not in known]
    optimisers = [
        (0.15, torch.optim.AdamW(linear, lr=args.rate, betas=(0.9, 0.98), weight_decay=0)),
        (1.0, torch.optim.AdamW(vectors, lr=args.rate, betas=(0.9, 0.98), weight_decay=0)),
        (1.0, BatchedMuon(convolutions, lr=args.rate, weight_decay=0)),
    ]
    average = Average(parameters, longest=0.995)
    losses = []

    def save(step: int) -> None:
        now = [p.detach().clone() for p in parameters]
        with torch.no_grad():
            for p, value in zip(parameters, average.values):
                p.copy_(value)
            print(f"step {step} psnr {psnr(vae, basis, held):.2f}", flush=True)
            vae.save_pretrained(args.out / f"step-{step:06d}")
            for p, value in zip(parameters, now):
                p.copy_(value)

    for step in range(args.steps):
        done = step / args.steps
        shares = [first + (last - first) * done for first, last in SIZES.values()]
        size = rng.choices(list(SIZES), shares)[0]
        signal, outside = to_signal(pools[size][[rng.randrange(POOL)]]), 0.0
        if rng.random() < CROPPED:
            signal, outside = crop(signal)
        if rng.random() < 0.5:
            signal = signal.flip(-1)
        latents = encode(signal, basis)
        latents = latents + NOISE * torch.rand(len(latents), 1, 1, 1, 1) * torch.randn_like(latents)
        error = decode(vae, latents * std + mean, outside=outside) - signal
        loss = reconstruction(error, edge_weight(signal))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        for share, optimiser in optimisers:
            for group in optimiser.param_groups:
                group["lr"] = share * learning_rate(args.rate, step, done, hold=0.15)
            optimiser.step()
            optimiser.zero_grad()
        average.update(step)
        losses.append(loss.item())
        if (step + 1) % 20 == 0:
            print(f"step {step + 1} loss {sum(losses[-20:]) / 20:.4f}", flush=True)
        if (step + 1) % args.save_every == 0 or step + 1 == args.steps:
            save(step + 1)


if __name__ == "__main__":
    main()
