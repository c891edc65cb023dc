"""`python evaluate.py MODEL OUT --count N` renders held-out prompts with diffusers' own pipeline into one raw file for the judge."""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from diffusers import MochiPipeline
from PIL import Image

HELD_OUT = Path(__file__).parent.parent / "judge" / "held-out.json"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=120)
    parser.add_argument("--size", default="128x128x25")
    parser.add_argument("--steps", type=int, default=24)
    parser.add_argument("--guidance", type=float, default=3.0)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    width, height, frames = map(int, args.size.split("x"))
    pipe = MochiPipeline.from_pretrained(args.model, torch_dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    rows = json.loads(HELD_OUT.read_text())
    rows = rows[:: max(1, len(rows) // args.count)][: args.count]
    args.out.mkdir(parents=True, exist_ok=True)
    sheet = []
    with open(args.out / "frames.raw", "wb") as raw:
        for i, row in enumerate(rows):
            clip = pipe(
                row["prompt"], width=width, height=height, num_frames=frames, num_inference_steps=args.steps,
                guidance_scale=args.guidance, max_sequence_length=64,
                generator=torch.Generator().manual_seed(i), output_type="np",
            ).frames[0]
            clip = (clip * 255).round().astype(np.uint8)
            raw.write(clip.tobytes())
            sheet.append(np.concatenate(list(clip[::4]), 1))
    labels = [[row[key] for key in ("colour", "shape", "motion", "background")] for row in rows]
    (args.out / "labels.json").write_text(json.dumps(labels))
    Image.fromarray(np.concatenate(sheet[:24], 0)).save(args.out / "sheet.png")


if __name__ == "__main__":
    main()
