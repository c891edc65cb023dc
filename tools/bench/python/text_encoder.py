"""transformers' T5 over one prompt, padded to a length as diffusers' pipeline does; its valid tokens are kept."""

import torch
from transformers import T5EncoderModel


def prepare(model: str, ids: list[int], padded: int):
    encoder = T5EncoderModel.from_pretrained(model, subfolder="text_encoder").eval()
    padding = padded - len(ids)
    tokens = torch.tensor([ids + [0] * padding])
    mask = torch.tensor([[1] * len(ids) + [0] * padding])
    return lambda: encoder(tokens, attention_mask=mask)[0][0, : len(ids)]
