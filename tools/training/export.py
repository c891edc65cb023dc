"""Stage 4: `python export.py VAE TRAINED OUT` writes the pipeline folder with float16 weights."""

import argparse
import json
import shutil
import tempfile
from pathlib import Path

import torch
from diffusers import AutoencoderKLMochi, FlowMatchEulerDiscreteScheduler

from network import build
from tokenizer import load_tokenizer

PROFILE = {
    "id": "mochi-tiny",
    "name": "mochi-tiny",
    "sizes": ["128x128", "96x96", "160x96", "96x160", "160x128"],
    "sizeMultiple": 16,
    "minWidth": 64,
    "minHeight": 64,
    "maxPixels": 40960,
    "trainedPixels": 20480,
    "defaultFrames": 25,
    "trainedFrames": 37,
    "maxFrames": 61,
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
    # Of ../preview-colours/fit.ts. They follow from the encoder, which is not trained.
    "latentRgb": {
        "factors": [
            [-0.7505, -0.736, -0.6741],
            [0.205, 0.0054, -0.2219],
            [-0.0783, 0.1389, -0.0672],
            [-0.0003, -0.0005, 0.0013],
            [0.0008, 0, 0.0005],
            [0.0009, 0.0003, 0.0014],
            [0.0005, -0.0014, -0.0023],
            [0.0004, 0.003, 0.0021],
            [0.0006, 0, -0.0004],
            [-0.0003, 0.0007, 0.0006],
            [0.001, 0.0004, 0.0007],
            [-0.003, -0.0016, -0.0023],
        ],
        "bias": [-0.2779, -0.2868, -0.2188],
    },
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


def write(vae: Path, trained: Path, out: Path) -> None:
    tokenizer = load_tokenizer(trained.parent / "tokenizer")
    transformer, text = build(len(tokenizer))
    average = torch.load(trained / "average.pt")
    for model in (transformer, text):
        own = {name for name, _ in model.named_parameters()}
        model.load_state_dict({name: value for name, value in average.items() if name in own}, strict=False)
        model.half().save_pretrained(out / ("transformer" if model is transformer else "text_encoder"))
    autoencoder = AutoencoderKLMochi.from_pretrained(vae).half()
    autoencoder.register_to_config(_name_or_path="mochi-tiny")  # not the folder that it was trained in
    autoencoder.save_pretrained(out / "vae")
    tokenizer.save_pretrained(out / "tokenizer")
    shutil.copy(trained.parent / "tokenizer" / "spiece.model", out / "tokenizer")
    FlowMatchEulerDiscreteScheduler(**SCHEDULER).save_pretrained(out / "scheduler")
    for name, content in (("model_index.json", INDEX), ("profile.json", PROFILE)):
        (out / name).write_text(json.dumps(content, indent=2) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("vae", type=Path, help="folder of a trained autoencoder")
    parser.add_argument("trained", type=Path, help="step folder of a trained transformer")
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=args.out.parent) as folder:
        write(args.vae, args.trained, Path(folder))
        for file in Path(folder).rglob("*"):
            if file.is_file():
                target = args.out / file.relative_to(folder)
                target.parent.mkdir(exist_ok=True)
                file.replace(target)


if __name__ == "__main__":
    main()
