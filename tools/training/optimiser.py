"""Muon for the matrices inside the blocks, AdamW for everything else, and the moving average of the weights."""

import math

import torch
from torch import nn

from muon import BatchedMuon

INSIDE = (".attn1.", ".ff.", ".ff_context.", "SelfAttention", "DenseReluDense")


def optimisers(named: list[tuple[str, nn.Parameter]], rate: float) -> list[tuple[float, torch.optim.Optimizer]]:
    """With their shares of the learning rate."""
    def inside(name: str, p: nn.Parameter) -> bool:
        return p.ndim == 2 and "relative_attention_bias" not in name and any(part in name for part in INSIDE)

    matrices = [p for name, p in named if inside(name, p)]
    rest = [(name, p) for name, p in named if not inside(name, p)]
    groups = [
        {"params": [p for _, p in rest if p.ndim >= 2], "weight_decay": 0.01},
        {"params": [p for _, p in rest if p.ndim < 2], "weight_decay": 0.0},
    ]
    adam = torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.98), fused=True)
    return [(1.0, adam), (1.0, BatchedMuon(matrices, lr=rate))]


def learning_rate(peak: float, step: int, done: float, hold: float = 0.5) -> float:
    """Warm-up over 80 steps, flat until `hold` of the time is over, then a cosine down to a fiftieth."""
    warm = min(1.0, (step + 1) / 80)
    fall = max(0.0, (done - hold) / (1 - hold))
    return peak * warm * (0.02 + 0.98 * (0.5 + 0.5 * math.cos(math.pi * min(1.0, fall))))


class Average:
    """Exponential moving average of parameters; short at first, so that it forgets the beginning."""

    def __init__(self, parameters: list[nn.Parameter], longest: float = 0.998):
        self.parameters, self.longest = parameters, longest
        self.values = [p.detach().clone() for p in parameters]

    @torch.no_grad()
    def update(self, step: int) -> None:
        keep = min(self.longest, (step + 1) / (step + 25))
        torch._foreach_lerp_(self.values, [p.detach() for p in self.parameters], 1 - keep)
