"""What the machine at hand computes on and in which precision."""

import torch


def pick_device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def fast_type(device: torch.device) -> torch.dtype:
    """bfloat16 where matrix products are several times faster in it: GPUs, and CPUs with AMX."""
    if device.type == "cuda" or torch.cpu._is_amx_tile_supported():
        return torch.bfloat16
    return torch.float32


def autocast(device: torch.device) -> torch.autocast:
    kind = fast_type(device)
    return torch.autocast(device.type, kind, enabled=kind is torch.bfloat16)
