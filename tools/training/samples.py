"""The transformer's batches: clips of one size with captions of one padded length, made from a step's number."""

import random
from dataclasses import dataclass

from torch import Tensor
from transformers import T5TokenizerFast

from captions import caption
from clips import Clips, Scene, clips_of, random_scene
from vocabulary import MOTIONS, NO_BACKGROUND_SAID, NO_MOTION_SAID

CAPTION_DROPOUT = 0.1  # the share of empty captions, which is what guidance subtracts
TOKEN_STEP = 8
PARTS = ("full",) * 17 + ("no motion", "no background", "neither")
SMALL = {"96x64x13": 0.5, "128x96x13": 0.25, "96x96x19": 0.25}
LARGE = {
    "192x128x37": 0.5, "192x128x25": 0.08, "128x192x37": 0.05, "160x96x37": 0.05, "96x160x37": 0.04, "128x128x37": 0.08,
    "128x128x25": 0.06, "96x96x37": 0.04, "192x128x13": 0.04, "192x128x61": 0.04, "64x64x25": 0.02,
}


def scene_of(rng: random.Random) -> tuple[Scene, str]:
    """A scene and what its caption leaves out."""
    parts = rng.choice(PARTS)
    motion = NO_MOTION_SAID if parts in ("no motion", "neither") else rng.choice(MOTIONS)
    background = NO_BACKGROUND_SAID if parts in ("no background", "neither") else None
    return random_scene(rng, motion, background), parts


def picture_tokens(size: str) -> int:
    width, height, frames = map(int, size.split("x"))
    return (width // 16) * (height // 16) * ((frames - 1) // 6 + 1)


@dataclass
class Samples:
    tokenizer: T5TokenizerFast
    tokens: int  # picture tokens in a batch, about
    switch: int  # the step at which large clips begin

    def text(self, rng: random.Random, scene: Scene, parts: str) -> str:
        if rng.random() < CAPTION_DROPOUT:
            return ""
        return caption(rng, scene.colour, scene.shape, scene.motion, scene.background, parts)

    def __call__(self, step: int) -> tuple[Clips, Tensor, Tensor]:
        """Clips, token ids and mask."""
        rng = random.Random(f"transformer {step}")
        sizes = LARGE if step >= self.switch else SMALL
        size = rng.choices(list(sizes), list(sizes.values()))[0]
        scenes = [scene_of(rng) for _ in range(max(4, round(self.tokens / picture_tokens(size))))]
        texts = [self.text(rng, scene, parts) for scene, parts in scenes]
        encoded = self.tokenizer(texts, padding="longest", pad_to_multiple_of=TOKEN_STEP, return_tensors="pt")
        return clips_of([scene for scene, _ in scenes], size, rng), encoded.input_ids, encoded.attention_mask
