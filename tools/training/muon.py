"""Muon with all matrices of one shape orthogonalised together; equals torch.optim.Muon(adjust_lr_fn="match_rms_adamw")."""

import math

import torch
from torch import Tensor

from device import fast_type

COEFFICIENTS = (3.4445, -4.7750, 2.0315)


def orthogonalise(batch: Tensor, steps: int = 5) -> Tensor:
    """Newton-Schulz iteration on [n, rows, columns]."""
    a, b, c = COEFFICIENTS
    tall = batch.shape[1] > batch.shape[2]
    x = (batch.mT if tall else batch).to(fast_type(batch.device))
    x = x / x.norm(dim=(1, 2), keepdim=True).clamp(min=1e-7)
    for _ in range(steps):
        square = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(square, square, square, beta=b, alpha=c), x, beta=a)
    return x.mT if tall else x


class BatchedMuon(torch.optim.Optimizer):
    def __init__(self, parameters: list[Tensor], lr: float, weight_decay: float = 0.01, momentum: float = 0.95):
        super().__init__(parameters, {"lr": lr, "weight_decay": weight_decay, "momentum": momentum})

    @torch.no_grad()
    def step(self) -> None:
        for group in self.param_groups:
            shapes: dict[torch.Size, list[Tensor]] = {}
            for p in group["params"]:
                if p.grad is not None:
                    shapes.setdefault(p.shape, []).append(p)
            for shape, parameters in shapes.items():
                self.update(group, shape, parameters)

    def update(self, group: dict, shape: torch.Size, parameters: list[Tensor]) -> None:
        momentum, rate = group["momentum"], group["lr"]
        buffers = [
            self.state[p].setdefault("momentum_buffer", torch.zeros_like(p)).lerp_(p.grad, 1 - momentum) for p in parameters
        ]
        ahead = torch._foreach_lerp([p.grad for p in parameters], buffers, momentum)
        longest = max(shape[0], shape[1:].numel())  # a convolution counts as a matrix
        moves = orthogonalise(torch.stack(ahead).flatten(2)).float() * (-0.2 * math.sqrt(longest) * rate)
        torch._foreach_mul_(parameters, 1 - rate * group["weight_decay"])
        torch._foreach_add_(parameters, [move.view(shape) for move in moves])
