"""The sizes of mochi-tiny's `AutoencoderKLMochi`, and its decoder for training: the same result with less memory traffic."""

import torch
import torch.nn.functional as F
from diffusers import AutoencoderKLMochi
from torch import Tensor

from latents import CHANNELS
from start_decoder import start_decoder

CONFIG = {
    "encoder_block_out_channels": (32, 32, 32, 64),
    "decoder_block_out_channels": (32, 32, 96, 96),
    "latent_channels": CHANNELS,
    "layers_per_block": (0, 2, 2, 2, 1),  # from the pixels to the latents
    "add_attention_block": (False,) * 5,
    "scaling_factor": 1.0,
    # diffusers' pipeline knows them for twelve channels only: the decoder's first layer has them instead
    "latents_mean": None, "latents_std": None,
}


def build(seed: int = 0) -> AutoencoderKLMochi:
    """A new autoencoder, its decoder started in closed form. Residual blocks begin as the identity."""
    torch.manual_seed(seed)
    vae = AutoencoderKLMochi(**CONFIG)
    for name, parameter in vae.named_parameters():
        if ".conv2." in name:
            torch.nn.init.zeros_(parameter)
    # a posterior with next to no noise
    vae.encoder.proj_out.weight.data[CHANNELS:] = 0
    start_decoder(vae)
    return vae


def norm_silu(layer: torch.nn.Module, x: Tensor) -> Tensor:
    """Group norm of every frame by itself, then silu; x is [B * F, C, H, W]. The CPU's own backward pass is far slower."""
    norm, (n, c) = layer.norm_layer, x.shape[:2]
    wide = x.float()
    moments = torch.stack([wide.mean((2, 3)), wide.square().mean((2, 3))])
    mean, square = moments.view(2, n, 32, -1).mean(-1, keepdim=True).expand(-1, -1, -1, c // 32).reshape(2, n, c)
    scale = norm.weight * torch.rsqrt((square - mean.square()).clamp(min=0) + norm.eps)
    shift = norm.bias - mean * scale
    return F.silu(x * scale[:, :, None, None].to(x.dtype) + shift[:, :, None, None].to(x.dtype))


def causal(layer: torch.nn.Module, x: Tensor, batch: int) -> Tensor:
    """Causal 3x3x3 convolution with repeated edges on [B * F, C, H, W]."""
    x = x.unflatten(0, (batch, -1)).transpose(1, 2)
    x = F.pad(x, (1, 1, 1, 1, 2, 0), mode="replicate")
    return F.conv3d(x, layer.conv.weight, layer.conv.bias).transpose(1, 2).flatten(0, 1)


def resnet(block: torch.nn.Module, x: Tensor, batch: int) -> Tensor:
    h = causal(block.conv1, norm_silu(block.norm1, x), batch)
    return x + causal(block.conv2, norm_silu(block.norm2, h), batch)


def expand(layer: torch.nn.Linear, x: Tensor, batch: int, time: int) -> Tensor:
    """Linear layer on every position, its outputs moved into time and space."""
    y = F.linear(x.permute(0, 2, 3, 1), layer.weight, layer.bias)
    _, h, w, c = y.shape
    y = y.view(batch, -1, h, w, c // (time * 4), time, 2, 2).permute(0, 1, 5, 2, 6, 3, 7, 4)
    return y.reshape(-1, 2 * h, 2 * w, c // (time * 4)).permute(0, 3, 1, 2)


def decode(vae: AutoencoderKLMochi, latents: Tensor) -> Tensor:
    """Same result as `vae.decode(latents).sample`."""
    decoder, batch = vae.decoder, len(latents)
    x = F.conv3d(latents, decoder.conv_in.weight, decoder.conv_in.bias)
    x = x.transpose(1, 2).flatten(0, 1).contiguous(memory_format=torch.channels_last)
    for block in decoder.block_in.resnets:
        x = resnet(block, x, batch)
    for up, time in zip(decoder.up_blocks, (3, 2, 1)):
        for block in up.resnets:
            x = resnet(block, x, batch)
        x = expand(up.proj, x, batch, time)
    for block in decoder.block_out.resnets:
        x = resnet(block, x, batch)
    out = F.linear(F.silu(x).permute(0, 2, 3, 1), decoder.proj_out.weight, decoder.proj_out.bias)
    return out.unflatten(0, (batch, -1)).permute(0, 4, 1, 2, 3)[:, :, 5:]
