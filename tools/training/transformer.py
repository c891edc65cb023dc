"""The transformer and the text encoder, which learn together."""

from pathlib import Path

import torch
from torch import Tensor

import network
from clips import Clips
from device import autocast
from latents import encode
from loop import Stage
from network import build, velocity
from optimiser import optimisers
from samples import Samples
from tokenizer import load_tokenizer

# the mean colour is drawn by nobody: it is there for previews
CHANNEL_WEIGHT = torch.tensor([0.4] * 3 + [1.0] * 18)
EARLY = 0.3  # share of the samples that are nearly all noise, where the layout is decided and half of the sampler's steps are


def draw_times(count: int, device: torch.device) -> Tensor:
    """How clean the training samples are, 0 noise to 1 picture."""
    early = 10 ** torch.empty(count, device=device).uniform_(-3, -1.2)
    middle = torch.sigmoid(0.3 + 1.2 * torch.randn(count, device=device))
    even, which = torch.rand(2, count, device=device)
    return torch.where(which < EARLY, early, torch.where(which < 0.9, middle, even))


def transformer_stage(folder: Path, device: torch.device, rate: float, tokens: int, switch: int, compiled: bool) -> Stage:
    tokenizer = load_tokenizer(folder / "tokenizer")
    transformer, text = (model.to(device) for model in build(len(tokenizer)))
    models = (("transformer", transformer), ("text", text))
    named = [(f"{part}.{name}", p) for part, model in models for name, p in model.named_parameters() if p.requires_grad]
    weight = (CHANNEL_WEIGHT / CHANNEL_WEIGHT.mean()).view(1, -1, 1, 1, 1).to(device)
    if compiled:
        # sizes of clips and captions that are once compiled for themselves must not make the rest run uncompiled
        torch._dynamo.config.recompile_limit = 64
        network.run_block = torch.compile(network.run_block, dynamic=True)

    def loss(batch: tuple[Clips, Tensor, Tensor]) -> Tensor:
        clips, ids, mask = (part.to(device) for part in batch)
        latents = encode(clips)
        noise, u = torch.randn_like(latents), draw_times(len(latents), device)
        mix = u.view(-1, 1, 1, 1, 1)
        with autocast(device):
            words = text(ids, attention_mask=mask)[0].float()
            v = velocity(transformer, mix * latents + (1 - mix) * noise, words, 1000 * u, mask)
        return ((v - (latents - noise)).square() * weight).mean()

    return Stage("transformer", named, optimisers(named, rate), Samples(tokenizer, tokens, switch), loss)
