"""diffusers on a GPU with random weights of the given shapes: `gpu_timings.py MODEL CLIPS TOKENS RUNS`.

MODEL is a folder with the configs, CLIPS a list of latent sizes [T, h, w]. A JSON line for each clip: seconds of a pass of
the transformer and of a tiled decode, in bfloat16, and the most memory that torch held.
"""

import json
import statistics
import sys
import time

import torch
from diffusers import AutoencoderKLMochi, MochiTransformer3DModel

DEVICE = "cuda:0"


def median_seconds(runs: int, run) -> float:
    run()  # does not count
    seconds = []
    for _ in range(runs):
        torch.cuda.synchronize()
        begin = time.perf_counter()
        run()
        torch.cuda.synchronize()
        seconds.append(time.perf_counter() - begin)
    return statistics.median(seconds)


def main(model: str, clips: list[list[int]], tokens: int, runs: int) -> None:
    torch.set_default_dtype(torch.bfloat16)
    with torch.device(DEVICE):
        transformer = MochiTransformer3DModel.from_config(f"{model}/transformer").eval()
        vae = AutoencoderKLMochi.from_config(f"{model}/vae").eval()
    vae.enable_tiling()
    channels = transformer.config.in_channels
    text = torch.randn(1, tokens, transformer.config.text_embed_dim, device=DEVICE)
    mask = torch.ones(1, tokens, dtype=torch.bool, device=DEVICE)
    for shape in clips:
        torch.cuda.reset_peak_memory_stats()
        latents = torch.randn(1, channels, *shape, device=DEVICE)
        timestep = torch.tensor([500.0], device=DEVICE)
        forward = median_seconds(runs, lambda: transformer(latents, text, timestep, mask, return_dict=False))
        decode = median_seconds(runs, lambda: vae.decode(latents, return_dict=False))
        peak = torch.cuda.max_memory_allocated() / 2**20
        print(json.dumps({"forwardS": forward, "decodeS": decode, "peakMiB": peak}), flush=True)


with torch.inference_mode():
    main(sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
