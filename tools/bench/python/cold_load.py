"""Loads diffusers' transformer and runs it once: `cold_load.py MODEL`. Tells what each took, and what memory of its own
the process needs for it once loaded.
"""

import json
import os
import sys
import time

import torch
from diffusers import MochiTransformer3DModel

THREADS = 2
TOKENS = 16


def private_bytes() -> int:
    # Clean pages are the file's own, which the system has anyway.
    with open("/proc/self/smaps_rollup") as lines:
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Private_Dirty"))


def main(model: str) -> None:
    # What libraries print goes elsewhere: standard output is for the answer.
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    torch.set_num_threads(THREADS)
    with torch.inference_mode():
        memory_before, begin, cpu_begin = private_bytes(), time.perf_counter(), time.process_time()
        transformer = MochiTransformer3DModel.from_pretrained(model, subfolder="transformer").eval()
        loaded, cpu_loaded, memory = time.perf_counter(), time.process_time(), private_bytes() - memory_before
        transformer(
            hidden_states=torch.zeros(1, 12, 1, 16, 16),
            encoder_hidden_states=torch.zeros(1, TOKENS, transformer.config.text_embed_dim),
            encoder_attention_mask=torch.ones(1, TOKENS, dtype=torch.bool),
            timestep=torch.tensor([500.0]),
        )
        ran, cpu_ran = time.perf_counter(), time.process_time()
    result = {
        "load": {"seconds": loaded - begin, "cpuSeconds": cpu_loaded - cpu_begin},
        "firstPass": {"seconds": ran - begin, "cpuSeconds": cpu_ran - cpu_begin},
        "privateBytes": memory,
    }
    print(json.dumps(result), file=answer)


main(sys.argv[1])
