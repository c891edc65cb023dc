"""Numbered checkpoints in one folder: whole or not there at all, the newest found by itself."""

import os
from pathlib import Path

import torch


class Checkpoints:
    def __init__(self, folder: Path, keep: int = 3):
        self.folder, self.keep = folder, keep
        folder.mkdir(parents=True, exist_ok=True)

    def files(self) -> list[Path]:
        """Newest first."""
        return sorted(self.folder.glob("step-*.pt"), reverse=True)

    def load(self, device: torch.device | str = "cpu") -> dict | None:
        """The newest that can be read; None where there is none."""
        for file in self.files():
            try:
                return torch.load(file, map_location=device, weights_only=True)
            except Exception as error:  # a disk that ran full, a copy that broke off
                print(f"{file} cannot be read ({error}); taking the one before", flush=True)
        return None

    def save(self, step: int, state: dict) -> Path:
        """Writes beside and renames, so that a kill at any moment leaves whole files only. Removes all but the newest."""
        file = self.folder / f"step-{step:07d}.pt"
        part = file.with_suffix(".part")
        with open(part, "wb") as out:
            torch.save(state, out)
            out.flush()
            os.fsync(out.fileno())
        part.replace(file)
        for old in self.files()[self.keep :]:
            old.unlink()
        return file
