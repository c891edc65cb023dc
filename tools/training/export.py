"""`python export.py WORK OUT` writes the pipeline folder with float16 weights, from the newest checkpoints in WORK.

The decoder is the untrained one, and the encoder too, where WORK has no checkpoint of them.
"""

import argparse
import json
import shutil
import tempfile
from pathlib import Path

import torch
from diffusers import FlowMatchEulerDiscreteScheduler

import autoencoder
import network
from checkpoint import Checkpoints
from latents import CHANNELS, statistics
from tokenizer import load_tokenizer


def preview_colours() -> dict[str, list]:
    """The first three channels are the blocks' mean colours."""
    mean, std = statistics()
    factors = [[round(std[c].item(), 4) if c == k else 0 for k in range(3)] for c in range(CHANNELS)]
    return {"factors": factors, "bias": [round(mean[k].item(), 4) for k in range(3)]}


PROFILE = {
    "id": "mochi-tiny",
    "name": "mochi-tiny",
    "sizes": ["192x128", "128x192", "128x128", "160x96", "96x160", "96x96"],
    "sizeMultiple": 16,
    "minWidth": 64,
    "minHeight": 64,
    "maxPixels": 40960,
    "trainedPixels": 24576,
    "defaultFrames": 37,
    "trainedFrames": 61,
    "maxFrames": 85,
    "defaultFps": 12,
    "fpsChoices": [12, 10, 8],
    "minFps": 4,
    "maxFps": 30,
    "defaultSteps": 24,
    "maxSteps": 200,
    "defaultGuidance": 3.0,
    "maxPromptTokens": 256,
    "examplePrompts": [
        "a red circle moving left on a white background",
        "a yellow star growing on a black background",
        "a cyan square bouncing on a navy background",
        "a purple triangle swinging on a gray background",
        "an orange ball rising on a black background",
    ],
}
INDEX = {
    "_class_name": "MochiPipeline",
    "_diffusers_version": "0.42.1",
    "force_zeros_for_empty_prompt": False,  # the caption dropout of the training was the empty text itself
    "scheduler": ["diffusers", "FlowMatchEulerDiscreteScheduler"],
    "text_encoder": ["transformers", "T5EncoderModel"],
    "tokenizer": ["transformers", "T5TokenizerFast"],
    "transformer": ["diffusers", "MochiTransformer3DModel"],
    "vae": ["diffusers", "AutoencoderKLMochi"],
}
SCHEDULER = {"num_train_timesteps": 1000, "shift": 1.0, "use_dynamic_shifting": False, "invert_sigmas": True}


@torch.no_grad()
def load(model: torch.nn.Module, work: Path, stage: str, prefix: str = "") -> None:
    """Puts the averaged weights of a stage's newest checkpoint into the model."""
    state = Checkpoints(work / stage).load()
    if state is None:
        print(f"{work} has no {stage} yet")
        return
    print(f"{stage}{' ' + prefix if prefix else ''}: step {state['step']}")
    own = dict(model.named_parameters())
    for name, value in state["average"].items():
        if name.startswith(prefix):
            own[name.removeprefix(prefix)].copy_(value)


def write(work: Path, out: Path) -> None:
    tokenizer = load_tokenizer(work / "tokenizer")
    transformer, text = network.build(len(tokenizer))
    load(transformer, work, "transformer", "transformer.")
    load(text, work, "transformer", "text.")
    transformer.half().save_pretrained(out / "transformer")
    text.half().save_pretrained(out / "text_encoder")
    vae = autoencoder.build()
    load(vae.decoder, work, "decoder")
    load(vae.encoder, work, "encoder")
    vae.half().save_pretrained(out / "vae")
    tokenizer.save_pretrained(out / "tokenizer")
    shutil.copy(work / "tokenizer" / "spiece.model", out / "tokenizer")
    FlowMatchEulerDiscreteScheduler(**SCHEDULER).save_pretrained(out / "scheduler")
    architecture = {
        "layers": network.TRANSFORMER["num_layers"],
        "width": network.TRANSFORMER["num_attention_heads"] * network.TRANSFORMER["attention_head_dim"],
        "vaeChannels": list(autoencoder.CONFIG["decoder_block_out_channels"]),
        "vaeLayers": list(autoencoder.CONFIG["layers_per_block"]),
    }
    profile = PROFILE | {"latentRgb": preview_colours(), "architecture": architecture}
    for name, content in (("model_index.json", INDEX), ("profile.json", profile)):
        (out / name).write_text(json.dumps(content, indent=2) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path, help="what train.py wrote")
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=args.out.parent) as folder:
        write(args.work, Path(folder))
        for file in Path(folder).rglob("*"):
            if file.is_file():
                target = args.out / file.relative_to(folder)
                target.parent.mkdir(exist_ok=True)
                file.replace(target)


if __name__ == "__main__":
    main()
