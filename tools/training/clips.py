"""The clips: one shape that moves over a plain background. A batch of them is drawn at once, on any device."""

import math
import random
from dataclasses import dataclass

import torch
from torch import Tensor

from vocabulary import BACKGROUNDS, COLOURS, MOTIONS, SHAPES, is_held_out

SPEED = 0.010  # of the frame's side per frame
GROWTH = 0.0035  # of the shorter side per frame
PERIOD = 24  # frames of one bounce, swing or pulse
SWAY = 0.14  # of the frame's side, to each side
EDGE = 1.5  # width of the anti-aliased edge in pixels


@dataclass(frozen=True)
class Scene:
    colour: str
    shape: str
    motion: str
    background: str


def random_scene(rng: random.Random, motion: str | None = None, background: str | None = None) -> Scene:
    """A scene from the training combinations."""
    while True:
        colour, shape = rng.choice(list(COLOURS)), rng.choice(SHAPES)
        picked = motion or rng.choice(MOTIONS)
        if not is_held_out(colour, shape, picked):
            return Scene(colour, shape, picked, background or rng.choice(list(BACKGROUNDS)))


def path(rng: random.Random, motion: str, frames: int, height: int, width: int) -> Tensor:
    """Centre x, centre y and radius of every frame, in pixels: [frames, 3]."""
    side = min(height, width)
    t = torch.arange(frames) - (frames - 1) / 2
    wave = torch.sin(2 * math.pi * torch.arange(frames) / PERIOD)
    x = torch.full((frames,), width * rng.uniform(0.44, 0.56))
    y = torch.full((frames,), height * rng.uniform(0.44, 0.56))
    radius = torch.full((frames,), side * rng.uniform(0.2, 0.25))
    if motion in ("left", "right"):
        x += (1 if motion == "right" else -1) * SPEED * width * t
    elif motion in ("up", "down"):
        y += (1 if motion == "down" else -1) * SPEED * height * t
    elif motion in ("grow", "shrink"):
        radius += (1 if motion == "grow" else -1) * GROWTH * side * t
    elif motion == "bounce":
        y -= SWAY * height * wave
    elif motion == "swing":
        x += SWAY * width * wave
    elif motion == "pulse":
        radius *= 1 + 0.3 * wave
    return torch.stack([x, y, radius.clamp(min=0.05 * side)], 1)


def star_distance(px: Tensor, py: Tensor, outer: float = 1.25, inner: float = 0.52) -> Tensor:
    """Distance to the edge line of a five-pointed star, folded into one half point."""
    sector = 2 * math.pi / 5
    angle = ((torch.atan2(px, -py) + sector / 2).remainder(sector) - sector / 2).abs()
    rho = torch.hypot(px, py)
    ex, ey = inner * math.cos(sector / 2) - outer, inner * math.sin(sector / 2)
    return ((rho * angle.cos() - outer) * ey - rho * angle.sin() * ex) / math.hypot(ex, ey)


def distance(shape: str, px: Tensor, py: Tensor) -> Tensor:
    """Signed distance to the edge of a shape of radius 1 around the origin, negative inside."""
    if shape == "circle":
        return torch.hypot(px, py) - 1
    if shape == "square":
        return torch.maximum(px.abs(), py.abs()) - 0.9
    if shape == "triangle":
        return torch.maximum(py, math.sqrt(0.75) * px.abs() - 0.5 * py) - 0.62
    return star_distance(px, py)


@dataclass
class Clips:
    """Clips of one size. `paths` [B, frames, 3], `paint` and `ground` [B, 3] in -1..1, `shapes` [B] as numbers of SHAPES."""

    height: int
    width: int
    paths: Tensor
    paint: Tensor
    ground: Tensor
    shapes: Tensor

    def to(self, device: torch.device) -> "Clips":
        moved = (value.to(device, non_blocking=True) for value in (self.paths, self.paint, self.ground, self.shapes))
        return Clips(self.height, self.width, *moved)

    def distances(self, paths: Tensor, pitch: int) -> Tensor:
        """Signed distance in pixels [B, n, H / pitch, W / pitch] of points `pitch` pixels apart, for `paths` [B, n, 3]."""
        xs = (torch.arange(self.width // pitch, device=paths.device) + 0.5) * pitch
        ys = (torch.arange(self.height // pitch, device=paths.device) + 0.5) * pitch
        x, y, radius = (part[..., None, None] for part in paths.unbind(-1))
        px, py = torch.broadcast_tensors((xs - x) / radius, (ys[:, None] - y) / radius)
        out = torch.empty_like(px)
        for number, shape in enumerate(SHAPES):
            some = self.shapes == number
            out[some] = distance(shape, px[some], py[some])
        return out * radius

    def blend(self, cover: Tensor) -> Tensor:
        """Paint where `cover` [B, ...] is 1 and ground where it is 0: [B, 3, ...]."""
        paint, ground = (value.view(*value.shape, *[1] * (cover.ndim - 1)) for value in (self.paint, self.ground))
        return ground + cover[:, None] * (paint - ground)

    def draw(self) -> Tensor:
        """The frames [B, 3, frames, H, W] in -1..1, rounded as bytes are."""
        cover = (0.5 - self.distances(self.paths, 1) / EDGE).clamp(0, 1)
        return ((self.blend(cover) + 1) * 127.5).round() / 127.5 - 1


def signal(colour: tuple[int, int, int]) -> Tensor:
    return torch.tensor(colour) / 127.5 - 1


def clips_of(scenes: list[Scene], size: str, rng: random.Random) -> Clips:
    """Clips of `scenes` with random places and radii; `size` is WIDTHxHEIGHTxFRAMES."""
    width, height, frames = map(int, size.split("x"))
    return Clips(
        height,
        width,
        torch.stack([path(rng, scene.motion, frames, height, width) for scene in scenes]),
        torch.stack([signal(COLOURS[scene.colour]) for scene in scenes]),
        torch.stack([signal(BACKGROUNDS[scene.background]) for scene in scenes]),
        torch.tensor([SHAPES.index(scene.shape) for scene in scenes]),
    )
