"""The loop of all stages: one step after another, until they are done, the time is over, or somebody says stop.

A step's clips, captions and noise follow from its number alone. So a run that was killed goes on from its newest checkpoint exactly
as if nothing had happened, and on another machine with no more than that file.
"""

import math
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from checkpoint import Checkpoints
from optimiser import Average, learning_rate

Optimisers = list[tuple[float, torch.optim.Optimizer]]


@dataclass
class Plan:
    steps: int
    rate: float
    minutes: float = math.inf
    finish: bool = False  # let the rate fall within `minutes`, however many steps that makes
    save_minutes: float = 5.0
    workers: int = 0  # processes that prepare batches
    log_seconds: float = 10.0


@dataclass
class Stage:
    """One thing to train. `batch` is called with a step's number, `loss` with its batch moved to the device."""

    name: str
    named: list[tuple[str, nn.Parameter]]
    optimisers: Optimisers  # with their shares of the rate
    batch: Callable[[int], Any]
    loss: Callable[[Any], Tensor]
    hold: float = 0.5  # share of the time before the rate falls
    average: float = 0.998  # the longest memory of the averaged weights


class Batches(Dataset):
    """Batches by number, for processes that prepare them."""

    def __init__(self, batch: Callable[[int], Any], first: int, count: int):
        self.batch, self.first, self.count = batch, first, count

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Any:
        return self.batch(self.first + index)


class Run:
    def __init__(self, stage: Stage, folder: Path, plan: Plan, device: torch.device):
        self.stage, self.plan, self.device = stage, plan, device
        self.parameters = [p for _, p in stage.named]
        self.average = Average(self.parameters, stage.average)
        self.checkpoints = Checkpoints(folder / stage.name)
        self.step = 0
        self.stopped = False
        state = self.checkpoints.load(device)
        if state is not None:
            self.restore(state)

    def state(self) -> dict:
        return {
            "step": self.step,
            "weights": {name: p.detach() for name, p in self.stage.named},
            "average": {name: value for (name, _), value in zip(self.stage.named, self.average.values)},
            "optimisers": [optimiser.state_dict() for _, optimiser in self.stage.optimisers],
        }

    def restore(self, state: dict) -> None:
        self.step = state["step"]
        with torch.no_grad():
            for name, p in self.stage.named:
                p.copy_(state["weights"][name])
        self.average.values = [state["average"][name].clone() for name, _ in self.stage.named]
        for (_, optimiser), saved in zip(self.stage.optimisers, state["optimisers"]):
            optimiser.load_state_dict(saved)

    def train_step(self, batch: Any, done: float) -> Tensor:
        for share, optimiser in self.stage.optimisers:
            for group in optimiser.param_groups:
                group["lr"] = share * learning_rate(self.plan.rate, self.step, done, self.stage.hold)
        torch.manual_seed(self.step)
        loss = self.stage.loss(batch)
        loss.backward()
        nn.utils.clip_grad_norm_(self.parameters, 1.0)
        for _, optimiser in self.stage.optimisers:
            optimiser.step()
            optimiser.zero_grad()
        self.average.update(self.step)
        self.step += 1
        return loss.detach()

    def batches(self) -> Iterator[Any]:
        left = max(0, self.plan.steps - self.step)
        data = Batches(self.stage.batch, self.step, left)
        workers = {"num_workers": self.plan.workers, "prefetch_factor": 8} if self.plan.workers else {}
        return iter(DataLoader(data, batch_size=None, shuffle=False, **workers))

    def go(self) -> bool:
        """Trains; True when all steps are done, False when it was stopped before. Saves in either case."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.stop)
        began = saved = logged = time.monotonic()
        limit, losses, before = 60 * self.plan.minutes, [], self.step
        print(f"{self.stage.name}: step {self.step} of {self.plan.steps} on {self.device}", flush=True)
        for batch in self.batches():
            now = time.monotonic()
            if self.stopped or now - began > limit:
                break
            done = self.step / self.plan.steps
            if self.plan.finish:
                done = max(done, (now - began) / limit)
            losses.append(self.train_step(batch, done))
            now = time.monotonic()
            if now - logged > self.plan.log_seconds:
                mean = torch.stack(losses).mean().item()
                seconds = (time.monotonic() - logged) / len(losses)
                print(
                    f"{time.strftime('%F %T')} {self.stage.name} step {self.step} loss {mean:.4f} {seconds:.3f} s a step", flush=True
                )
                logged, losses = time.monotonic(), []
            if now - saved > 60 * self.plan.save_minutes:
                self.save()
                saved = time.monotonic()
        if self.step > before:
            self.save()
        return self.step >= self.plan.steps or (self.plan.finish and not self.stopped)

    def stop(self, number: int, _: object) -> None:
        """After this step; a second signal ends it at once."""
        self.stopped = True
        signal.signal(number, signal.SIG_DFL)

    def save(self) -> None:
        print(f"{time.strftime('%F %T')} saved {self.checkpoints.save(self.step, self.state())}", flush=True)
