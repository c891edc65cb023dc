"""`python check_resume.py` kills a short run in the midst of it, goes on, and compares its weights with those of an unbroken run."""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch

from checkpoint import Checkpoints

TRAIN = Path(__file__).parent / "train.py"
SMALL = ("--threads", "1", "--tokens", "100", "--pixels", "10000", "--save-minutes", "0")


def start(work: Path, stage: str, steps: int) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, TRAIN, work, "--stage", stage, "--steps", str(steps), *SMALL])


def kill_at(work: Path, stage: str, steps: int, at: int) -> None:
    """SIGKILL once the checkpoint of step `at` is there, whatever is being done then."""
    process = start(work, stage, steps)
    while not (work / stage / f"step-{at:07d}.pt").exists():
        if process.poll() is not None:
            raise SystemExit(f"{stage} ended before step {at}")
        time.sleep(0.05)
    process.kill()
    process.wait()


def same(first: dict, second: dict) -> bool:
    equal = all(torch.equal(first[part][name], second[part][name]) for part in ("weights", "average") for name in first[part])
    return equal and first["step"] == second["step"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--stages", nargs="+", default=["decoder", "transformer", "encoder"])
    args = parser.parse_args()
    for stage in args.stages:
        with tempfile.TemporaryDirectory() as folder:
            whole, broken = Path(folder) / "whole", Path(folder) / "broken"
            if start(whole, stage, args.steps).wait() != 0:
                raise SystemExit(f"{stage} failed")
            kill_at(broken, stage, args.steps, args.steps // 2)
            # what a kill in the midst of writing, or a full disk, leaves behind
            (broken / stage / "step-0000099.part").write_bytes(b"PK")
            (broken / stage / f"step-{args.steps:07d}.pt").write_bytes(b"PK")
            if start(broken, stage, args.steps).wait() != 0:
                raise SystemExit(f"{stage} did not go on")
            states = [Checkpoints(work / stage).load() for work in (whole, broken)]
            if not same(*states):
                raise SystemExit(f"{stage}: the weights differ after a kill")
            print(f"{stage}: {args.steps} steps, killed after {args.steps // 2}: the same weights to the last bit", flush=True)


if __name__ == "__main__":
    main()
