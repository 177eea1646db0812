"""Photographs a lot: builds the object, chooses set, light, camera and film for each view, and develops it."""

import random
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from PIL import Image

from catalog.sample.camera import camera
from catalog.sample.catalogue import View
from catalog.sample.clocks import CLOCKS
from catalog.sample.columns import Floats
from catalog.sample.design import Design
from catalog.sample.develop import Film
from catalog.sample.dice import dice, number
from catalog.sample.furniture import FURNITURE
from catalog.sample.glassware import GLASSWARE
from catalog.sample.jewellery import JEWELLERY
from catalog.sample.lamps import LAMPS
from catalog.sample.light import ROOMS, environment, turned
from catalog.sample.metalware import METALWARE
from catalog.sample.photo import Shot, taken
from catalog.sample.pictures import PICTURES
from catalog.sample.rugs import RUGS
from catalog.sample.sculpture import SCULPTURE
from catalog.sample.seats import SEATS
from catalog.sample.stage import Part
from catalog.sample.studio import SETS
from catalog.sample.tableware import TABLEWARE
from catalog.sample.vessels import VESSELS

BUILDERS: dict[str, Callable[..., list[Part]]] = {
    **VESSELS, **TABLEWARE, **GLASSWARE, **METALWARE, **JEWELLERY, **CLOCKS, **LAMPS, **FURNITURE, **SEATS, **PICTURES,
    **RUGS, **SCULPTURE,
}  # fmt: skip

SCENES: dict[str, tuple[str, ...]] = {
    "Vases": ("paper", "paper", "table", "table", "slate"), "Tableware": ("paper", "table", "table", "cloth"),
        "Glass": ("paper", "paper", "table", "slate"),
    "Silver & metalware": ("paper", "table", "cloth", "slate"), "Jewellery": ("cloth", "cloth", "slate", "paper"),
        "Clocks": ("paper", "table", "table"),
    "Lamps": ("paper", "table", "table"), "Seating": ("room", "room", "paper"), "Furniture": ("room", "room",
        "paper"), "Pictures": ("hung",),
    "Rugs": ("floor",), "Sculpture": ("paper", "paper", "table", "slate"),
}  # fmt: skip
FULL = 640
ON_THE_WALL = ("wall clock", "wall mirror")


@lru_cache(maxsize=8)
def thing(design: Design) -> tuple[Part, ...]:
    """The object (or pair) at a size of about one, standing on the floor, facing -y."""
    parts = BUILDERS[design.form.name](design, dice("thing", design.key))
    if design.category.name == "Rugs":
        return tuple(parts)
    points = np.concatenate([part.mesh.points for part in parts])
    low, high = points.min(0), points.max(0)
    wall = design.category.name == "Pictures" or design.form.name in ON_THE_WALL
    scale = float(1 / (high - low).max())
    shift = -(low + high) / 2
    shift[2] = -low[2]
    shift[1] = -high[1] if wall else shift[1]
    placed = [Part(part.mesh.moved(*shift).scaled(scale), part.material) for part in parts]
    if design.pair:
        return tuple(_paired(placed, design))
    return tuple(placed)


def _paired(parts: list[Part], design: Design) -> list[Part]:
    points = np.concatenate([part.mesh.points for part in parts])
    die = dice("pair", design.key)
    gap = float(points[:, 0].max() - points[:, 0].min()) * die.uniform(0.56, 0.66)
    turn = (
        die.uniform(-25, 25)
        if design.category.name not in ("Furniture", "Pictures") and design.form.name not in ON_THE_WALL
        else 0
    )
    behind = die.uniform(-0.05, 0.1) if turn else 0.0
    first = [Part(part.mesh.moved(-gap), part.material) for part in parts]
    second = [Part(part.mesh.turned("z", turn).moved(gap, behind), part.material) for part in parts]
    return [Part(part.mesh.scaled(0.72), part.material) for part in first + second]


def render_photo(design: Design, view: View, width: int = FULL) -> Image.Image:
    """The photo of one view, the same each time; `width` is that of a landscape photo in pixels."""
    die = dice("photo", view.words, view.role)
    parts = list(thing(design))
    group = design.category.name
    on_wall = group == "Pictures" or design.form.name in ON_THE_WALL
    kind = "hung" if on_wall and view.framing != "behind" else die.choice(SCENES[group])
    if view.framing == "beneath":
        tip = -die.uniform(98, 116)
        parts = [Part(part.mesh.turned("x", tip), part.material) for part in parts]
        kind = "cloth" if kind == "table" else kind
    if view.framing == "behind":
        turn = 180 + die.uniform(-22, 22)
        parts = [Part(part.mesh.turned("z", turn), part.material) for part in parts]
        kind = "paper" if on_wall else kind
    if group == "Jewellery" and kind == "paper":
        kind = "slate"
    points = np.concatenate([part.mesh.points for part in parts])
    low = float(points[:, 2].min())
    lift = die.uniform(0.5, 0.8) - (points[:, 2].max() + low) / 2 if kind == "hung" else -low
    parts = [Part(part.mesh.moved(z=float(lift)), part.material) for part in parts]
    light = turned(environment(die.choice(ROOMS), die.randrange(3)), 180 + die.uniform(-32, 32))
    film = Film(
        exposure=die.uniform(0.72, 1.0), warmth=die.gauss(0.0, 0.035), contrast=die.uniform(0.96, 1.1),
            saturation=die.uniform(0.85, 1.08),
        vignette=die.uniform(0.05, 0.4), noise=die.choice([0.004, 0.007, 0.012]), softness=die.uniform(0.3, 0.7),
    )  # fmt: skip
    points = np.concatenate([part.mesh.points for part in parts])
    (across, down), seen = _framed(design, view, points)
    size = (across * width // FULL // 2 * 2, down * width // FULL // 2 * 2)
    azimuth, elevation = _angle(design, view, kind)
    lens = die.uniform(45, 80)
    shot = camera(seen, azimuth, elevation, lens, die.uniform(0.7, 0.88), size, die.gauss(0, 0.6))
    scenery = SETS[kind](view.words)
    return taken(Shot(parts, scenery, light, shot, film, number("grain", view.words, view.role) % 2**32))


SIZES = ((640, 480), (640, 480), (640, 512), (560, 560))


def _framed(design: Design, view: View, points: Floats) -> tuple[tuple[int, int], Floats]:
    """Picture size in pixels, and the points that the frame must hold."""
    die = dice("frame", view.words, view.role)
    low, high = points.min(0), points.max(0)
    size = die.choice(SIZES)
    if view.framing in ("close", "corner"):
        return size, _detail(design, view, points, die)
    tall = (high[2] - low[2]) / max(high[0] - low[0], 1e-6)
    if design.category.name == "Rugs":
        tall = 1.3
    if tall > 1.15:
        size = (size[1], size[0])
    return size, points


def _detail(design: Design, view: View, points: Floats, die: random.Random) -> Floats:
    """Two corners of a block about a telling spot: a lower corner where a picture is signed, else a point in front."""
    low, high = points.min(0), points.max(0)
    if view.framing == "corner":
        target = np.array([high[0] - 0.25 * (high[0] - low[0]), low[1], low[2] + 0.22 * (high[2] - low[2])])
    else:
        flat = design.category.name in ("Rugs", "Jewellery")
        seen = points if flat else points[points[:, 1] < np.quantile(points[:, 1], 0.4)]
        target = 0.62 * seen[die.randrange(len(seen))] + 0.38 * (low + high) / 2  # not at the very edge
    reach = die.uniform(0.3, 0.48) * float((high - low).max())
    return np.asarray(target + np.array([[-0.5, -0.2, -0.5], [0.5, 0.2, 0.5]]) * reach, np.float32)


def _angle(design: Design, view: View, kind: str) -> tuple[float, float]:
    """Azimuth and elevation of the camera in degrees."""
    die = dice("angle", view.words, view.role)
    group = design.category.name
    if kind == "hung":
        return (
            (die.uniform(-5, 5), die.uniform(-4, 4))
            if view.framing != "turned"
            else (die.choice([-1, 1]) * die.uniform(18, 38), die.uniform(-4, 8))
        )
    azimuth = (
        die.uniform(-14, 14) if view.framing in ("whole", "beneath") else die.choice([-1, 1]) * die.uniform(22, 55)
    )
    if group == "Rugs":
        return azimuth * 0.6, die.uniform(42, 68) if view.framing != "close" else die.uniform(30, 60)
    if group == "Jewellery":
        upright = design.form.name in ("solitaire ring", "cluster ring", "signet ring")
        return azimuth, die.uniform(16, 40) if upright else die.uniform(48, 78)
    if design.form.name in ("plate", "charger", "salver"):
        return azimuth, die.uniform(38, 66)
    if view.framing == "beneath":
        return die.uniform(-12, 12), die.uniform(14, 30)
    if group in ("Seating", "Furniture"):
        return (azimuth + die.choice([-20, 0, 20]), die.uniform(7, 20))
    return azimuth, die.uniform(4, 24)
