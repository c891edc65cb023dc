"""Mochi's autoencoder with both linear ends set in closed form: the encoder is exact, the decoder starts as its inverse."""

import math

import torch
from diffusers import AutoencoderKLMochi
from torch import Tensor

CHANNELS = (32, 32, 96, 96)
CONFIG = {
    "encoder_block_out_channels": CHANNELS, "decoder_block_out_channels": CHANNELS, "latent_channels": 12,
    "layers_per_block": (1, 1, 2, 2, 1), "add_attention_block": (False,) * 5, "scaling_factor": 1.0,
}
ENCODER_LEVEL = 300.0  # constant channels that make the encoder's last group norm affine
DECODER_LEVEL = 4.0  # the same idea in the decoder: absolute colour survives the norms
QUARTER = 96  # values of a 2x4x4 cell of colour pixels
SIGNALS = [channel for channel in range(96) if channel % 3]  # every third channel is constant


def quarter_view(matrix: Tensor) -> Tensor:
    """[12, 3 * 6 * 8 * 8] -> [12, 3 times, 2 rows, 2 columns, 96], the last axis as the quarter resolution stores it."""
    split = matrix.view(12, 3, 3, 2, 2, 2, 2, 2, 2, 2)  # channel, time 3x2, row 2x2x2, column 2x2x2
    return split.permute(0, 2, 4, 7, 1, 6, 9, 3, 5, 8).reshape(12, 3, 2, 2, QUARTER)


def zero_resnets(module: torch.nn.Module) -> None:
    for name, parameter in module.named_parameters():
        if ".conv2." in name:
            parameter.zero_()


@torch.no_grad()
def set_encoder(vae: AutoencoderKLMochi, weight: Tensor) -> None:
    """Makes `vae.encode(x).latent_dist.mean` equal to the linear projection of the pixel blocks."""
    encoder = vae.encoder
    zero_resnets(encoder)
    halves = [block.conv_in.conv for block in encoder.down_blocks]
    for layer in (encoder.proj_in, *halves):
        layer.weight.zero_()
        layer.bias.zero_()
    encoder.proj_in.weight[:3, :3] = torch.eye(3)
    for colour in range(3):
        for i in range(4):
            halves[0].weight[colour * 4 + i, colour, 0, i // 2, i % 2] = 1
    for channel in range(12):
        for i in range(8):
            halves[1].weight[channel * 8 + i, channel, i // 4, i // 2 % 2, i % 2] = 1
    projection = quarter_view(weight).permute(0, 4, 1, 2, 3)
    spread = ENCODER_LEVEL * math.sqrt(2) / 3
    norm = encoder.norm_out.norm_layer
    norm.weight.fill_(1)
    norm.bias.zero_()
    encoder.proj_out.weight.zero_()
    for k in range(12):
        level, plus, minus = 3 * k, 3 * k + 1, 3 * k + 2
        halves[2].bias[level] = ENCODER_LEVEL
        halves[2].weight[plus], halves[2].weight[minus] = projection[k], -projection[k]
        norm.weight[plus], norm.weight[minus] = spread, spread
        norm.bias[plus], norm.bias[minus] = ENCODER_LEVEL / 3, ENCODER_LEVEL / 3
        encoder.proj_out.weight[k, plus], encoder.proj_out.weight[k, minus] = 1, -1  # silu(a) - silu(-a) = a
        encoder.proj_out.weight[12 + k, level] = -7  # a posterior with next to no noise


@torch.no_grad()
def set_decoder(vae: AutoencoderKLMochi, inverse: Tensor, offset: Tensor) -> None:
    """Starts the decoder as pixels = inverse [1152, 12] @ latents + offset [1152]."""
    decoder = vae.decoder
    zero_resnets(decoder)
    layers = [decoder.conv_in, *(block.proj for block in decoder.up_blocks), decoder.proj_out]
    for layer in layers:
        layer.weight.mul_(0.05)
        layer.bias.zero_()
    signals = torch.tensor(SIGNALS)
    constant = torch.tensor([channel for channel in range(96) if channel % 3 == 0])
    decoder.conv_in.weight.copy_(torch.randn_like(decoder.conv_in.weight) * 0.3)
    decoder.conv_in.weight[signals[:12], :, 0, 0, 0] = torch.eye(12)
    decoder.conv_in.weight[constant], decoder.conv_in.bias[constant] = 0, DECODER_LEVEL
    linear = quarter_view(inverse.T.contiguous())
    shift = quarter_view(offset.expand(12, -1).contiguous())[0]
    spread = linear.permute(1, 2, 3, 4, 0).reshape(-1, QUARTER, 12)
    axes = torch.linalg.eigh((spread @ spread.transpose(1, 2)).sum(0).double())[1].flip(1)[:, : len(SIGNALS)].float()
    first = decoder.up_blocks[0].proj
    weight, bias = first.weight.view(96, 3, 2, 2, 96), first.bias.view(96, 3, 2, 2)
    weight[constant], bias[constant] = 0, DECODER_LEVEL
    weight[signals] = 0
    weight[signals[:, None], :, :, :, signals[:12][None]] = torch.einsum("qs,ktijq->sktij", axes, linear)
    bias[signals] = torch.einsum("qs,tijq->stij", axes, shift)
    second = decoder.up_blocks[1].proj.weight.view(32, 8, 96)
    second[:12] = 0
    second[:12, :, signals] = axes.view(12, 8, -1)
    third = decoder.up_blocks[2].proj.weight.view(32, 4, 32)
    third[:6] = 0
    for colour in range(3):
        for i in range(4):
            third[colour, i, colour * 4 + i], third[3 + colour, i, colour * 4 + i] = 1, -1
        decoder.proj_out.weight[colour, :6] = 0
        decoder.proj_out.weight[colour, colour], decoder.proj_out.weight[colour, 3 + colour] = 1, -1


def norm_silu(layer: torch.nn.Module, x: Tensor, outside: float, rows: int) -> Tensor:
    """Group norm of every frame by itself, then silu; x is [B * F, C, H, W]. Torch's own backward pass is far slower.

    `outside` is the share of the frame that was cut away: flat ground, so its statistics are those of the top edge.
    """
    norm, (n, c) = layer.norm_layer, x.shape[:2]
    wide = x.float()
    moments = torch.stack([wide.mean((2, 3)), wide.square().mean((2, 3))])
    if outside > 0:
        edge = wide[:, :, : wide.shape[2] // rows]
        moments = (1 - outside) * moments + outside * torch.stack([edge.mean((2, 3)), edge.square().mean((2, 3))])
    mean, square = moments.view(2, n, 32, -1).mean(-1, keepdim=True).expand(-1, -1, -1, c // 32).reshape(2, n, c)
    scale = norm.weight * torch.rsqrt((square - mean.square()).clamp(min=0) + norm.eps)
    shift = norm.bias - mean * scale
    return torch.nn.functional.silu(x * scale[:, :, None, None].to(x.dtype) + shift[:, :, None, None].to(x.dtype))


def causal(layer: torch.nn.Module, x: Tensor, batch: int) -> Tensor:
    """Causal 3x3x3 convolution with repeated edges on [B * F, C, H, W]."""
    x = x.unflatten(0, (batch, -1)).transpose(1, 2)
    x = torch.nn.functional.pad(x, (1, 1, 1, 1, 2, 0), mode="replicate")
    out = torch.nn.functional.conv3d(x, layer.conv.weight.to(x.dtype), layer.conv.bias.to(x.dtype))
    return out.transpose(1, 2).flatten(0, 1)


def resnet(block: torch.nn.Module, x: Tensor, batch: int, outside: float, rows: int) -> Tensor:
    h = causal(block.conv1, norm_silu(block.norm1, x, outside, rows), batch)
    return x + causal(block.conv2, norm_silu(block.norm2, h, outside, rows), batch)


def expand(layer: torch.nn.Linear, x: Tensor, batch: int, time: int) -> Tensor:
    """Linear layer on every position, its outputs moved into time and space."""
    y = torch.nn.functional.linear(x.permute(0, 2, 3, 1), layer.weight.to(x.dtype), layer.bias.to(x.dtype))
    _, h, w, c = y.shape
    y = y.view(batch, -1, h, w, c // (time * 4), time, 2, 2).permute(0, 1, 5, 2, 6, 3, 7, 4)
    y = y.reshape(-1, 2 * h, 2 * w, c // (time * 4))
    return y.permute(0, 3, 1, 2)


def decode(
    vae: AutoencoderKLMochi, latents: Tensor, dtype: torch.dtype = torch.bfloat16, outside: float = 0.0
) -> Tensor:
    """Same result as `vae.decode(latents).sample`, in `dtype` and with less memory traffic."""
    decoder, batch, rows = vae.decoder, len(latents), latents.shape[3]
    x = torch.nn.functional.conv3d(latents, decoder.conv_in.weight, decoder.conv_in.bias)
    x = x.transpose(1, 2).flatten(0, 1).to(dtype).contiguous(memory_format=torch.channels_last)
    for block in decoder.block_in.resnets:
        x = resnet(block, x, batch, outside, rows)
    for up, time in zip(decoder.up_blocks, (3, 2, 1)):
        for block in up.resnets:
            x = resnet(block, x, batch, outside, rows)
        x = expand(up.proj, x, batch, time)
    for block in decoder.block_out.resnets:
        x = resnet(block, x, batch, outside, rows)
    out = decoder.proj_out(torch.nn.functional.silu(x).permute(0, 2, 3, 1).float())
    return out.unflatten(0, (batch, -1)).permute(0, 4, 1, 2, 3)[:, :, 5:]
