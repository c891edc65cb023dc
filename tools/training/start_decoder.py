"""Starts the decoder in closed form: it draws sharp, if somewhat clumsy, edges before any training.

Its four stages hold, at each position: the latents (8 pixels, 6 frames); the two colours, the distance of one point and mixtures of
its neighbours' (4 pixels, 2 frames); the two colours and the distances of four pixels (2 pixels, 1 frame); and terms whose sum
is the pixel's colour.
"""

import math
import random

import torch
import torch.nn.functional as F
from diffusers import AutoencoderKLMochi
from torch import Tensor

from clips import EDGE, clips_of, random_scene
from latents import CHANNELS, COLUMNS, MOMENTS, REACH, ROWS, TIME, encode_raw

LEVEL = 16.0  # of the constant channels, which make a group norm an affine map
MIXTURES = 16
SHARPNESS = 16.0  # silu(SHARPNESS * x) / SHARPNESS is nearly max(x, 0)
SCALE = 8.0  # pixels of distance that count as 1 inside the decoder
NEAR = 3.0  # pixels from the edge within which a distance has to be right


def triples(count: int) -> tuple[list[int], list[int], list[int]]:
    """Channels of the first `count` norm groups of three: a constant, a value, the value's negative. silu(a) - silu(-a) = a."""
    return [3 * i for i in range(count)], [3 * i + 1 for i in range(count)], [3 * i + 2 for i in range(count)]


def transparent(norm: torch.nn.GroupNorm, groups: int) -> None:
    _, plus, minus = triples(groups)
    norm.weight[plus + minus] = LEVEL * math.sqrt(2) / 3
    norm.bias[plus + minus] = LEVEL / 3


def write(layer: torch.nn.Module, groups: int, weight: Tensor, bias: float | Tensor = 0.0) -> None:
    """Sets the layer's first `groups` triples to `weight` [groups, inputs, ...] and its negative."""
    constant, plus, minus = triples(groups)
    layer.weight[constant] = 0
    layer.bias[constant] = LEVEL
    layer.weight[plus], layer.weight[minus] = weight, -weight
    layer.bias[plus], layer.bias[minus] = bias, -bias


def fit_mixtures(clips: int = 40) -> Tensor:
    """How the distances of 3x3x3 points give those of the 2x4x4 pixels around the last one's middle: [32, 27], by ridge regression.

    Rows are (frame, half row, half column, row, column).
    """
    rng = random.Random(4)
    gram, right = torch.zeros(27, 27).double(), torch.zeros(27, 32).double()
    for _ in range(clips):
        drawn = clips_of([random_scene(rng)], "96x96x13", rng)
        known = encode_raw(drawn)[:, 9:]
        _, _, t, h, w = known.shape
        known = known.view(MOMENTS, ROWS, COLUMNS, t, h, w).permute(3, 0, 4, 1, 5, 2).reshape(1, 1, t * MOMENTS, h * ROWS, w * COLUMNS)
        around = F.pad(known, (1, 1, 1, 1, 2, 0), mode="replicate")
        around = around.unfold(2, 3, 1).unfold(3, 3, 1).unfold(4, 3, 1).reshape(t * MOMENTS, h * ROWS, w * COLUMNS, 27)
        paths = torch.cat([drawn.paths[:, :1].expand(-1, TIME - 1, -1), drawn.paths], 1)
        pixels = REACH * (drawn.distances(paths, 1) / REACH).tanh()
        pixels = pixels.view(t * MOMENTS, 2, h * ROWS, 2, 2, w * COLUMNS, 2, 2).permute(0, 2, 5, 1, 3, 6, 4, 7).flatten(3)
        weight = (pixels.abs() < NEAR).float().mean(3) + 1e-3
        x, y, weight = around.reshape(-1, 27).double(), pixels.reshape(-1, 32).double(), weight.reshape(-1, 1).double()
        gram += (x * weight).T @ x
        right += (x * weight).T @ y
    return torch.linalg.solve(gram + 1e-4 * gram.trace() / 27 * torch.eye(27), right).T.float()


@torch.no_grad()
def start_decoder(vae: AutoencoderKLMochi) -> None:
    decoder = vae.decoder
    first, second, third = (block.proj for block in decoder.up_blocks)
    for layer in (decoder.conv_in, first, second, third, decoder.proj_out):
        layer.weight.mul_(0.1)
        layer.bias.zero_()

    # 8 pixels: the latents as they are, distances in units of SCALE
    unit = torch.ones(CHANNELS)
    unit[9:] = 1 / SCALE
    write(decoder.conv_in, CHANNELS, torch.diag(unit)[:, :, None, None, None])

    # 4 pixels: paint, ground, the distance of the one point here
    _, known, _ = triples(CHANNELS)
    local = torch.zeros(7, MOMENTS, ROWS, COLUMNS, 96)
    for i in range(6):
        local[i, ..., known[3 + i]] = 1
    for place in range(MOMENTS * ROWS * COLUMNS):
        local.view(7, -1, 96)[6, place, known[9 + place]] = 1
    write_expanded(first, 7 + MIXTURES, torch.cat([local, torch.zeros(MIXTURES, *local.shape[1:])]))

    # its first residual block adds the mixtures
    u, s, v = torch.linalg.svd(fit_mixtures())
    block = decoder.up_blocks[1].resnets[0]
    for norm in (block.norm1.norm_layer, block.norm2.norm_layer):
        transparent(norm, 7 + MIXTURES)
    _, plus, minus = triples(7 + MIXTURES)
    taps = torch.zeros(MIXTURES, 96, 3, 3, 3)
    taps[:, plus[6]] = v[:MIXTURES].view(-1, 3, 3, 3)
    taps[:, minus[6]] = -taps[:, plus[6]]
    write(block.conv1.conv, MIXTURES, taps)
    transparent_hidden = torch.zeros(96, 96, 3, 3, 3)
    for i in range(MIXTURES):
        for sign, target in ((1, plus[7 + i]), (-1, minus[7 + i])):
            transparent_hidden[target, plus[i], 2, 1, 1] = sign
            transparent_hidden[target, minus[i], 2, 1, 1] = -sign
    block.conv2.conv.weight.copy_(transparent_hidden)

    # 2 pixels: paint, ground, the distances of four pixels
    weight = second.weight.view(32, 8, 96)
    weight[:10] = 0
    for i in range(6):
        weight[i, :, plus[i]] = 1
    pixels = (u[:, :MIXTURES] * s[:MIXTURES] * SCALE).view(8, 4, MIXTURES)
    for pixel in range(4):
        weight[6 + pixel, :, plus[7:]] = pixels[:, pixel]

    # pixels: p is the paint and g the ground above black, s goes from -1 to 1 across the edge; p above s, g below it
    weight, bias = third.weight.view(32, 4, 32), third.bias.view(32, 4)
    weight[:12], bias[:12] = 0, 0
    decoder.proj_out.weight[:, :12] = 0
    decoder.proj_out.bias.fill_(-1)
    for colour in range(3):
        for number, (source, side, half) in enumerate(((0, 1, 1), (0, 1, -1), (3, -1, 1), (3, -1, -1))):
            term = 4 * colour + number
            weight[term, :, source + colour] = half * SHARPNESS / 2
            bias[term] = half * SHARPNESS / 2
            for pixel in range(4):
                weight[term, pixel, 6 + pixel] = -side * SHARPNESS * 2 / EDGE
            decoder.proj_out.weight[colour, term] = half / SHARPNESS


def write_expanded(layer: torch.nn.Linear, groups: int, weight: Tensor) -> None:
    """As `write`, for a layer that expands: `weight` [groups, times, rows, columns, inputs]."""
    constant, plus, minus = triples(groups)
    parts = layer.weight.view(-1, *weight.shape[1:])
    shift = layer.bias.view(len(parts), -1)
    parts[constant], shift[constant] = 0, LEVEL
    parts[plus], parts[minus] = weight, -weight
