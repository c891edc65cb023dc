"""`python evaluate.py MODEL OUT` writes clips for `judge.js --frames OUT`, to see what each part of a model can do.

    --part model        diffusers' own pipeline, from the prompts
    --part decoder      the decoder alone, on perfect latents; with --noise also on imperfect ones
    --part autoencoder  the encoder and the decoder, on perfect frames
    --part truth        perfect frames, which measures the judge
"""

import argparse
import json
import random
from pathlib import Path

import torch
from diffusers import AutoencoderKLMochi, MochiPipeline
from PIL import Image
from torch import Tensor

from clips import Clips, Scene, clips_of
from latents import encode

HELD_OUT = Path(__file__).parent.parent / "judge" / "held-out.json"


def choose(count: int) -> list[dict]:
    """The same prompts as the judge takes."""
    rows = json.loads(HELD_OUT.read_text())
    return [row for i, row in enumerate(rows) if (i * count) // len(rows) != ((i - 1) * count) // len(rows)]


def bytes_of(frames: Tensor) -> Tensor:
    """[1, 3, F, H, W] in -1..1 -> uint8 [F, H, W, 3]."""
    return ((frames[0].clamp(-1, 1) + 1) * 127.5).round().byte().permute(1, 2, 3, 0).contiguous()


def reconstruct(vae: AutoencoderKLMochi | None, clips: Clips, part: str, noise: float) -> Tensor:
    if vae is None:
        return bytes_of(clips.draw())
    if part == "autoencoder":
        latents = vae.encode(clips.draw()).latent_dist.mean
    else:
        latents = encode(clips)
        latents = latents + noise * torch.randn_like(latents)
    return bytes_of(vae.decode(latents).sample)


def generate(pipe: MochiPipeline, prompt: str, seed: int, args: argparse.Namespace) -> Tensor:
    width, height, frames = map(int, args.size.split("x"))
    clip = pipe(
        prompt, width=width, height=height, num_frames=frames, num_inference_steps=args.steps, guidance_scale=args.guidance,
        max_sequence_length=64, generator=torch.Generator().manual_seed(seed), output_type="pt",
    ).frames[0]
    return (clip * 255).round().byte().permute(0, 2, 3, 1).contiguous()


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--part", choices=("model", "decoder", "autoencoder", "truth"), default="model")
    parser.add_argument("--count", type=int, default=120)
    parser.add_argument("--size", default="192x128x37")
    parser.add_argument("--steps", type=int, default=24)
    parser.add_argument("--guidance", type=float, default=3.0)
    parser.add_argument("--noise", type=float, default=0.0, help="deviation of what is added to normalised latents")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    if args.part == "model":
        pipe = MochiPipeline.from_pretrained(args.model, torch_dtype=torch.float32)
        pipe.set_progress_bar_config(disable=True)
    else:
        vae = None if args.part == "truth" else AutoencoderKLMochi.from_pretrained(args.model / "vae", torch_dtype=torch.float32)
    rows, sheet = choose(args.count), []
    args.out.mkdir(parents=True, exist_ok=True)
    with open(args.out / "frames.raw", "wb") as raw:
        for i, row in enumerate(rows):
            torch.manual_seed(i)
            if args.part == "model":
                clip = generate(pipe, row["prompt"], i, args)
            else:
                scene = Scene(row["colour"], row["shape"], row["motion"], row["background"])
                clip = reconstruct(vae, clips_of([scene], args.size, random.Random(i)), args.part, args.noise)
            raw.write(clip.numpy().tobytes())
            sheet.append(torch.cat(list(clip[::6]), 1))
    width, height, frames = map(int, args.size.split("x"))
    (args.out / "clips.json").write_text(json.dumps({"width": width, "height": height, "frames": frames, "clips": rows}))
    Image.fromarray(torch.cat(sheet[:24], 0).numpy()).save(args.out / "sheet.png")


if __name__ == "__main__":
    main()
