"""A video as diffusers makes one: `whole_video.py MODEL PROMPT SETTINGS MP4`, from the start of the process to the file."""

import json
import sys

import torch
from diffusers import MochiPipeline
from diffusers.utils import export_to_video

THREADS = 2


def main(model: str, prompt: str, settings: dict, path: str) -> None:
    torch.set_num_threads(THREADS)
    pipeline = MochiPipeline.from_pretrained(model, torch_dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    frames = pipeline(
        prompt,
        width=settings["width"],
        height=settings["height"],
        num_frames=settings["numFrames"],
        num_inference_steps=settings["numInferenceSteps"],
        guidance_scale=settings["guidanceScale"],
        generator=torch.Generator("cpu").manual_seed(settings["seed"]),
    ).frames[0]
    export_to_video(frames, path, fps=settings["fps"])


main(sys.argv[1], sys.argv[2], json.loads(sys.argv[3]), sys.argv[4])
