"""Starts the decoder in closed form: it draws sharp, if somewhat clumsy, edges before any training.

Its four stages hold, at each position: the latents, their colours averaged (8 pixels, 6 frames); the two colours, the distance of one point and mixtures of
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
from latents import CHANNELS, COLUMNS, MOMENTS, REACH, ROWS, TIME, encode_raw, statistics

LEVEL = 24.0  # of the constant channels, which make a group norm an affine map
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


def write_block(block: torch.nn.Module, groups: int, first: Tensor, second: Tensor, targets: list[int]) -> None:
    """Makes a residual block linear: to the groups `targets` it adds convolution `second` of convolution `first`.

    `first` [hidden, groups, 3, 3, 3], `second` [len(targets), hidden, 3, 3, 3].
    """

    def signed(taps: Tensor) -> Tensor:
        _, plus, minus = triples(taps.shape[1])
        whole = torch.zeros(len(taps), 96, 3, 3, 3)
        whole[:, plus], whole[:, minus] = taps, -taps
        return whole

    transparent(block.norm1.norm_layer, groups)
    transparent(block.norm2.norm_layer, len(first))
    write(block.conv1.conv, len(first), signed(first))
    _, plus, minus = triples(groups)
    block.conv2.conv.weight[[plus[i] for i in targets]] = signed(second)
    block.conv2.conv.weight[[minus[i] for i in targets]] = -signed(second)


def averaging() -> tuple[Tensor, Tensor]:
    """The two convolutions that replace the six channels of paint and ground by their means over 5x5x5 neighbours."""
    first, second = torch.zeros(12, CHANNELS, 3, 3, 3), torch.zeros(6, 12, 3, 3, 3)
    for i in range(6):
        first[i, 3 + i], first[6 + i, 3 + i, 2, 1, 1] = 1 / 27, 1
        second[i, i], second[i, 6 + i, 2, 1, 1] = 1 / 27, -1
    return first, second


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

    # 8 pixels: the latents without their normalisation, distances in units of SCALE
    unit = torch.ones(CHANNELS)
    unit[9:] = 1 / SCALE
    mean, std = statistics()
    write(decoder.conv_in, CHANNELS, torch.diag(unit * std)[:, :, None, None, None], unit * mean)

    for block in (*decoder.block_in.resnets, *decoder.up_blocks[0].resnets):
        write_block(block, CHANNELS, *averaging(), list(range(3, 9)))

    # 4 pixels: paint, ground, the distance of the one point here; its first residual block adds the mixtures
    _, plus, _ = triples(CHANNELS)
    local = torch.zeros(7 + MIXTURES, MOMENTS, ROWS, COLUMNS, 96)
    for i in range(6):
        local[i, ..., plus[3 + i]] = 1
    for place in range(MOMENTS * ROWS * COLUMNS):
        local.view(len(local), -1, 96)[6, place, plus[9 + place]] = 1
    write_expanded(first, 7 + MIXTURES, local)
    u, s, v = torch.linalg.svd(fit_mixtures())
    taps = torch.zeros(MIXTURES, 7 + MIXTURES, 3, 3, 3)
    taps[:, 6] = v[:MIXTURES].view(-1, 3, 3, 3)
    same = torch.zeros(MIXTURES, MIXTURES, 3, 3, 3)
    same[:, :, 2, 1, 1] = torch.eye(MIXTURES)
    write_block(decoder.up_blocks[1].resnets[0], 7 + MIXTURES, taps, same, list(range(7, 7 + MIXTURES)))

    # 2 pixels: paint, ground, the distances of four pixels
    _, plus, _ = triples(7 + MIXTURES)
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
