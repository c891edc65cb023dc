"""`python train.py WORK` trains mochi-tiny: its decoder, its transformer with the text encoder, and its encoder, one after another.

WORK keeps everything; the same command goes on where the last one stopped.
"""

import argparse
import math
from collections.abc import Callable
from pathlib import Path

import torch

import autoencoder
from decoder import decoder_stage, encoder_stage
from device import pick_device
from loop import Plan, Run, Stage
from start_weights import take_tokenizer, take_weights
from transformer import transformer_stage

# steps and peak of the learning rate
STAGES = {"decoder": (4000, 3e-4), "transformer": (16000, 1.5e-3), "encoder": (2000, 1e-3)}


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path, help="a folder outside the repository")
    parser.add_argument("--stage", choices=STAGES, action="append", help="only these; all of them if not given")
    parser.add_argument("--steps", type=int, help="of each stage")
    parser.add_argument("--rate", type=float, help="peak of the learning rate")
    parser.add_argument("--start", type=Path, help="a model that export.py wrote, to begin with where there is no checkpoint")
    parser.add_argument("--minutes", type=float, default=math.inf, help="of each stage; then it saves and ends")
    parser.add_argument("--finish", action="store_true", help="let the learning rate fall to its end within --minutes")
    parser.add_argument("--save-minutes", type=float, default=5.0, help="between checkpoints")
    parser.add_argument("--tokens", type=int, help="picture tokens in a batch of the transformer: 2,600, or 43,000 on a GPU")
    parser.add_argument("--pixels", type=int, help="pixels in a batch of the decoder: 60,000, or 2,000,000 on a GPU")
    parser.add_argument("--switch", type=int, default=3000, help="steps of the transformer on small clips, which come first")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--workers", type=int, help="processes that prepare batches: none, or 8 with a GPU")
    parser.add_argument("--compile", action=argparse.BooleanOptionalAction, help="use torch.compile: with a GPU only, if not said")
    return parser.parse_args()


def stage_of(name: str, args: argparse.Namespace, device: torch.device) -> tuple[Stage, Plan]:
    steps, rate = STAGES[name]
    steps, rate = args.steps or steps, args.rate or rate
    gpu = device.type == "cuda"
    pixels = args.pixels or (2_000_000 if gpu else 60_000)
    makers: dict[str, Callable[[], Stage]] = {
        "decoder": lambda: decoder_stage(autoencoder.build().to(device), device, rate, pixels),
        "transformer": lambda: transformer_stage(
            args.work, device, rate, args.tokens or (43_000 if gpu else 2_600), args.switch, gpu if args.compile is None else args.compile
        ),
        "encoder": lambda: encoder_stage(autoencoder.build().to(device), device, rate, pixels),
    }
    workers = (8 if gpu else 0) if args.workers is None else args.workers
    return makers[name](), Plan(steps, rate, args.minutes, args.finish, args.save_minutes, workers)


def main() -> None:
    args = parse()
    torch.set_num_threads(args.threads)
    torch.set_float32_matmul_precision("high")
    device = pick_device()
    if args.start:
        take_tokenizer(args.start, args.work)
    for name in args.stage or STAGES:
        stage, plan = stage_of(name, args, device)
        if args.start:
            take_weights(args.start, stage)
        if not Run(stage, args.work, plan, device).go():
            return


if __name__ == "__main__":
    main()
