"""The weights of a finished model as a beginning, where there is no checkpoint to go on from."""

import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file

from loop import Stage

VAE = Path("vae") / "diffusion_pytorch_model.safetensors"
# of each stage: the file, what its names begin with, what the stage's names begin with
FILES = {
    "decoder": [(VAE, "decoder.", "")],
    "encoder": [(VAE, "encoder.", "")],
    "transformer": [
        (Path("transformer") / "diffusion_pytorch_model.safetensors", "", "transformer."),
        (Path("text_encoder") / "model.safetensors", "", "text."),
    ],
}


def take_tokenizer(model: Path, work: Path) -> None:
    """The weights mean nothing with another one."""
    if not (work / "tokenizer").exists():
        shutil.copytree(model / "tokenizer", work / "tokenizer")


@torch.no_grad()
def take_weights(model: Path, stage: Stage) -> None:
    """From a folder that `export.py` wrote, for a model of the same sizes."""
    own = dict(stage.named)
    for file, theirs, ours in FILES[stage.name]:
        for name, value in load_file(model / file).items():
            if name.startswith(theirs) and ours + name.removeprefix(theirs) in own:
                own.pop(ours + name.removeprefix(theirs)).copy_(value)
    if own:
        raise SystemExit(f"{model} lacks {', '.join(sorted(own)[:3])} and is no beginning for the {stage.name}")
