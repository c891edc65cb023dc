"""Stage 1: `python cache.py OUT` fits the linear encoder and stores latents of rendered clips, one file per size."""

import argparse
import random
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch

from clips import Scene, random_scene, render
from latents import encode, fit_basis, to_signal
from vocabulary import MOTIONS, NO_BACKGROUND_SAID, NO_MOTION_SAID

SMALL = {"96x96x13": 16000, "80x80x25": 5000, "96x96x19": 5000}
LARGE = {
    "128x128x25": 6000, "96x96x25": 1500, "160x96x25": 1000, "96x160x19": 1000, "160x128x19": 1000,
    "128x128x13": 1000, "128x128x37": 1000, "96x96x37": 1000, "96x96x7": 800, "64x64x31": 800,
}
PARTS = ("full",) * 17 + ("no motion", "no background", "neither")


def scene_of(rng: random.Random) -> tuple[Scene, str]:
    """A scene and what its caption leaves out."""
    parts = rng.choice(PARTS)
    motion = NO_MOTION_SAID if parts in ("no motion", "neither") else rng.choice(MOTIONS)
    background = NO_BACKGROUND_SAID if parts in ("no background", "neither") else None
    return random_scene(rng, motion, background), parts


def make_part(job: tuple[str, int, int, dict]) -> tuple[torch.Tensor, list]:
    size, count, seed, basis = job
    torch.set_num_threads(1)
    width, height, frames = map(int, size.split("x"))
    rng = random.Random(f"{size} {seed}")
    scenes = [scene_of(rng) for _ in range(count)]
    clips = np.stack([render(scene, frames, height, width, rng) for scene, _ in scenes])
    return encode(to_signal(clips), basis).half(), scenes


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--set", choices=("small", "large"), default="small")
    parser.add_argument("--processes", type=int, default=2)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    basis_file = args.out / "basis.pt"
    if not basis_file.exists():
        torch.save(fit_basis(), basis_file)
    basis = torch.load(basis_file)
    with get_context("spawn").Pool(args.processes) as pool:
        for size, count in (SMALL if args.set == "small" else LARGE).items():
            jobs = [(size, 50, seed, basis) for seed in range(count // 50)]
            parts = pool.map(make_part, jobs, chunksize=1)
            scenes = [scene for _, part in parts for scene in part]
            torch.save({"latents": torch.cat([part for part, _ in parts]), "scenes": scenes}, args.out / f"{size}.pt")
            print(size, count, flush=True)


if __name__ == "__main__":
    main()
