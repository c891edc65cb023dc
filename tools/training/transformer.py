"""Stage 3: `python transformer.py CACHE OUT --steps N` trains the transformer and the text encoder together."""

import argparse
from pathlib import Path

import torch

import network
from network import build, velocity
from optimiser import Average, learning_rate, optimisers
from samples import Samples
from tokenizer import load_tokenizer

SMALL = {"96x96x13": 0.5, "80x80x25": 0.25, "96x96x19": 0.25}
LARGE = {
    "128x128x25": 0.5, "96x96x25": 0.1, "160x96x25": 0.07, "96x160x19": 0.05, "160x128x19": 0.05, "128x128x13": 0.05,
    "128x128x37": 0.05, "96x96x37": 0.05, "96x96x7": 0.04, "64x64x31": 0.04,
}
# errors in the mean colour are seen more than errors in a fine pattern
CHANNEL_WEIGHT = torch.tensor([1.8, 1.3, 1.1, *torch.linspace(1.2, 0.8, 9).tolist()])


def draw_times(count: int) -> torch.Tensor:
    """How clean the training samples are, 0 noise to 1 picture; denser where the layout is decided."""
    u = torch.sigmoid(-0.3 + 1.15 * torch.randn(count))
    return torch.where(torch.rand(count) < 0.15, torch.rand(count), u)


class Run:
    def __init__(self, args: argparse.Namespace):
        self.out = args.out
        self.tokenizer = load_tokenizer(args.out / "tokenizer")
        self.transformer, self.text = build(len(self.tokenizer))
        self.named = [
            (name, p)
            for model in (self.transformer, self.text)
            for name, p in model.named_parameters()
            if p.requires_grad
        ]
        self.parameters = [p for _, p in self.named]
        self.average = Average(self.parameters)
        self.optimisers = optimisers(self.named, args.rate)
        self.step = 0
        if args.resume:
            state = torch.load(args.resume, weights_only=False)
            self.step = state["step"]
            with torch.no_grad():
                for mine, saved in zip(self.parameters, state["parameters"]):
                    mine.copy_(saved)
            self.average.values = state["average"]
            for optimiser, saved in zip(self.optimisers, state["optimisers"]):
                optimiser.load_state_dict(saved)

    def loss(self, latents: torch.Tensor, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        noise, u = torch.randn_like(latents), draw_times(len(latents))
        mix = u.view(-1, 1, 1, 1, 1)
        with torch.autocast("cpu", torch.bfloat16):
            text = self.text(ids, attention_mask=mask)[0].float()
            v = velocity(self.transformer, mix * latents + (1 - mix) * noise, text, 1000 * u, mask)
        weight = (CHANNEL_WEIGHT / CHANNEL_WEIGHT.mean()).view(1, -1, 1, 1, 1)
        return ((v - (latents - noise)).square() * weight).mean()

    def train_step(self, rate: float, batch: tuple) -> float:
        for optimiser in self.optimisers:
            for group in optimiser.param_groups:
                group["lr"] = rate
        loss = self.loss(*batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        for optimiser in self.optimisers:
            optimiser.step()
            optimiser.zero_grad()
        self.average.update(self.step)
        self.step += 1
        return loss.item()

    def save(self) -> None:
        """A numbered folder with the averaged weights and with everything needed to go on."""
        folder = self.out / f"step-{self.step:06d}"
        folder.mkdir(parents=True)
        state = {
            "step": self.step, "parameters": [p.detach() for p in self.parameters],
            "average": self.average.values, "optimisers": [o.state_dict() for o in self.optimisers],
        }
        torch.save(state, folder / "state.pt")
        torch.save({name: value for (name, _), value in zip(self.named, self.average.values)}, folder / "average.pt")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("cache", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--steps", type=int, default=10000)
    parser.add_argument("--switch", type=int, default=3050, help="steps on small clips, which come first")
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--tokens", type=int, default=2600, help="picture tokens in a batch")
    parser.add_argument("--save-every", type=int, default=400, help="steps")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--resume", type=Path)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    run = Run(args)
    torch.manual_seed(run.step)
    network.run_block = torch.compile(network.run_block)
    samples, large, losses = None, None, []
    while run.step < args.steps:
        if samples is None or (run.step >= args.switch and not large):
            large = run.step >= args.switch
            samples = Samples(args.cache, LARGE if large else SMALL, run.tokenizer, seed=run.step)
        rate = learning_rate(args.rate, run.step, run.step / args.steps)
        losses.append(run.train_step(rate, samples.batch(args.tokens * (2 if large else 1))))
        if run.step % 100 == 0:
            print(f"step {run.step} loss {sum(losses[-100:]) / len(losses[-100:]):.4f} rate {rate:.2e}", flush=True)
        if run.step % args.save_every == 0 or run.step == args.steps:
            run.save()


if __name__ == "__main__":
    main()
