"""Batches for the transformer: cached latents of one size, captions of one padded length."""

import random
from pathlib import Path

import torch
from transformers import T5TokenizerFast

from captions import caption

CAPTION_DROPOUT = 0.1  # the share of empty captions, which is what guidance subtracts
TOKEN_STEP = 8


class Samples:
    """All cached clips of the given sizes; `shares` says how often each size is drawn."""

    def __init__(self, cache: Path, shares: dict[str, float], tokenizer: T5TokenizerFast, seed: int):
        self.rng = random.Random(seed)
        self.tokenizer = tokenizer
        self.sizes, self.shares = list(shares), list(shares.values())
        self.parts = {size: torch.load(cache / f"{size}.pt", weights_only=False) for size in shares}

    def text(self, scene, parts: str) -> str:
        if self.rng.random() < CAPTION_DROPOUT:
            return ""
        return caption(self.rng, scene.colour, scene.shape, scene.motion, scene.background, parts)

    def batch(self, tokens: int, smallest: int = 8) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Latents, token ids and mask of as many clips as make about `tokens` picture tokens."""
        part = self.parts[self.rng.choices(self.sizes, self.shares)[0]]
        latents, scenes = part["latents"], part["scenes"]
        count = max(smallest, round(tokens / (latents[0, 0].numel() // 4)))
        picked = [self.rng.randrange(len(scenes)) for _ in range(count)]
        texts = [self.text(*scenes[i]) for i in picked]
        encoded = self.tokenizer(texts, padding="longest", pad_to_multiple_of=TOKEN_STEP, return_tensors="pt")
        return latents[picked].float(), encoded.input_ids, encoded.attention_mask
