"""`python compare.py MODEL` compares the frames of diffusers' pipeline with those of this project's: largest difference of 255."""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import torch
from diffusers import MochiPipeline

ROOT = Path(__file__).resolve().parents[2]
RENDER = ROOT / "dist" / "tools" / "judge" / "render.js"
CASES = (
    ("a red circle moving left on a white background", 1),
    ("a blue square moving right on a white background", 2),
    ("A cinematic shot of a yellow star bouncing on a navy background, 4k", 3),
)


def ours(model: Path, prompt: str, seed: int) -> np.ndarray:
    with tempfile.NamedTemporaryFile(suffix=".raw") as file:
        subprocess.run(["node", RENDER, model, prompt, str(seed), file.name], check=True)
        return np.fromfile(file.name, np.uint8)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path)
    model = parser.parse_args().model
    profile = json.loads((model / "profile.json").read_text())
    width, height = map(int, profile["sizes"][0].split("x"))
    pipe = MochiPipeline.from_pretrained(model, torch_dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    worst = 0
    for prompt, seed in CASES:
        frames = pipe(
            prompt, width=width, height=height, num_frames=profile["defaultFrames"],
            num_inference_steps=profile["defaultSteps"], guidance_scale=profile["defaultGuidance"],
            generator=torch.Generator().manual_seed(seed), output_type="np",
        ).frames[0]
        theirs = (frames.astype(np.float32) * 255).round().astype(np.uint8).ravel()
        difference = np.abs(theirs.astype(int) - ours(model, prompt, seed).astype(int))
        worst = max(worst, difference.max())
        print(f"{prompt}: at most {difference.max()}, {np.mean(difference > 0):.2%} of the bytes differ")
    print(f"largest difference {worst} of 255")


if __name__ == "__main__":
    main()
