"""Renders the clips: one shape that moves over a plain background, frames as uint8 [F, H, W, 3]."""

import math
import random
from dataclasses import dataclass

import numpy as np

from vocabulary import BACKGROUNDS, COLOURS, MOTIONS, SHAPES, is_held_out

SPEED = 0.013  # of the frame's side per frame
GROWTH = 0.0062  # of the shorter side per frame
PERIOD = 24  # frames of one bounce, swing or pulse
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


def path(rng: random.Random, motion: str, frames: int, height: int, width: int) -> tuple[np.ndarray, ...]:
    """Centre x, centre y and radius of every frame, in pixels."""
    side = min(height, width)
    t = np.arange(frames) - (frames - 1) / 2
    wave = np.sin(2 * math.pi * np.arange(frames) / PERIOD)
    x = np.full(frames, width * rng.uniform(0.44, 0.56))
    y = np.full(frames, height * rng.uniform(0.44, 0.56))
    radius = np.full(frames, side * rng.uniform(0.18, 0.225))
    if motion in ("left", "right"):
        x += (1 if motion == "right" else -1) * SPEED * width * t
    elif motion in ("up", "down"):
        y += (1 if motion == "down" else -1) * SPEED * height * t
    elif motion in ("grow", "shrink"):
        radius += (1 if motion == "grow" else -1) * GROWTH * side * t
    elif motion == "bounce":
        y -= 0.14 * height * wave
    elif motion == "swing":
        x += 0.14 * width * wave
    elif motion == "pulse":
        radius *= 1 + 0.3 * wave
    return x, y, np.maximum(radius, 0.02 * side)


def star_distance(px: np.ndarray, py: np.ndarray, outer: float = 1.25, inner: float = 0.52) -> np.ndarray:
    """Distance to the edge line of a five-pointed star, folded into one half point."""
    sector = 2 * math.pi / 5
    angle = np.abs(np.mod(np.arctan2(px, -py) + sector / 2, sector) - sector / 2)
    rho = np.hypot(px, py)
    ex, ey = inner * math.cos(sector / 2) - outer, inner * math.sin(sector / 2)
    return ((rho * np.cos(angle) - outer) * ey - rho * np.sin(angle) * ex) / math.hypot(ex, ey)


def distance(shape: str, px: np.ndarray, py: np.ndarray) -> np.ndarray:
    """Signed distance to the shape's edge for a shape of radius 1, negative inside."""
    if shape == "circle":
        return np.hypot(px, py) - 1
    if shape == "square":
        return np.maximum(np.abs(px), np.abs(py)) - 0.9
    if shape == "triangle":
        return np.maximum(py, math.sqrt(0.75) * np.abs(px) - 0.5 * py) - 0.62
    return star_distance(px, py)


def render(scene: Scene, frames: int, height: int, width: int, rng: random.Random) -> np.ndarray:
    x, y, radius = path(rng, scene.motion, frames, height, width)
    ground = np.array(BACKGROUNDS[scene.background], np.float32)
    paint = np.array(COLOURS[scene.colour], np.float32)
    clip = np.empty((frames, height, width, 3), np.uint8)
    clip[:] = ground
    for i in range(frames):
        reach = radius[i] * 1.35 + 2
        x0, x1 = max(0, int(x[i] - reach)), min(width, int(x[i] + reach) + 2)
        y0, y1 = max(0, int(y[i] - reach)), min(height, int(y[i] + reach) + 2)
        if x0 >= x1 or y0 >= y1:
            continue
        px = ((np.arange(x0, x1, dtype=np.float32) + 0.5 - x[i]) / radius[i])[None, :]
        py = ((np.arange(y0, y1, dtype=np.float32) + 0.5 - y[i]) / radius[i])[:, None]
        cover = np.clip(0.5 - distance(scene.shape, px, py) * radius[i] / EDGE, 0, 1)[..., None]
        clip[i, y0:y1, x0:x1] = np.round(cover * paint + (1 - cover) * ground)
    return clip
