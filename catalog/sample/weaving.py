"""What rugs show: borders, medallions, guls and niches, knot by knot."""

import random

import numpy as np
from PIL import Image, ImageDraw

from catalog.sample.columns import Floats
from catalog.sample.design import Design
from catalog.sample.noise import cloud
from catalog.sample.paint import Paint, tone
from catalog.sample.substances import picture_colours

GROUNDS: dict[str, tuple[float, float, float]] = {
    "crimson": (0.985, 0.72, 0.5), "navy": (0.62, 0.6, 0.3), "ivory": (0.11, 0.18, 0.85), "sage": (0.27, 0.25, 0.55),
    "rust": (0.04, 0.68, 0.6), "mustard": (0.12, 0.65, 0.75),
}  # fmt: skip


KNOTS_WIDE, KNOTS_HIGH = 128, 200


def woven(design: Design) -> Floats:
    """The pile (800, 512, 3) in linear light, knot by knot."""
    shape = random.Random(f"{design.model}{design.hue}{design.pattern}")
    w, h = KNOTS_WIDE, KNOTS_HIGH
    ground = tone(*GROUNDS[design.pattern])
    others = [tone(*GROUNDS[word]) for word in GROUNDS if word != design.pattern]
    shape.shuffle(others)
    palette = [ground, *others[:3], tone(0.1, 0.12, 0.86), tone(0.62, 0.3, 0.14)]
    image = Image.new("RGB", (w // 2, h // 2), ground)
    draw = ImageDraw.Draw(image)
    FIELDS[design.form.name](draw, w // 2, h // 2, palette, shape)
    half = np.asarray(image)
    top = np.concatenate([half, half[:, ::-1]], axis=1)
    full = np.concatenate([top, top[::-1] if design.form.name != "prayer rug" else _prayer_foot(top)], axis=0)
    if design.form.name == "modernist rug":
        full = _modern(palette, shape)
    knots = full.astype(np.float32) * (
        1 + 0.05 * np.random.default_rng(shape.randrange(10**6)).standard_normal(full.shape[:2])[..., None]
    )
    stripes = 1 + 0.05 * cloud(h, 8, shape.randrange(10**6), 16, 2)[:, :1, None]  # abrash: dye lots that differ
    fade = 0.35 if design.substance.startswith("faded") else 0.08
    faded = knots * stripes * (1 - fade) + fade * np.array([182, 168, 146], np.float32)
    big = np.repeat(np.repeat(np.clip(faded, 0, 255), 4, 0), 4, 1).astype(np.uint8)
    soft = np.asarray(Image.fromarray(big).resize((512, 800), Image.Resampling.BICUBIC))
    worn = np.clip(cloud(800, 512, shape.randrange(10**6), 4, 4) - 1.0, 0, 1)[..., None] * design.wear * 0.5
    pile = picture_colours(soft) * (1 - worn) + np.array([0.42, 0.36, 0.26], np.float32) * worn
    return np.asarray(pile * (0.93 + 0.07 * np.random.default_rng(1).random((800, 512, 1), np.float32)), np.float32)


def _prayer_foot(
    top: np.ndarray[tuple[int, ...], np.dtype[np.uint8]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Below the niche: the field runs straight down to the border."""
    border, foot = 18, top[::-1].copy()
    middle = foot[: len(foot) - border, border:-border]
    middle[:] = top[-1, border:-border][None]
    return foot


def _edges(draw: ImageDraw.ImageDraw, w: int, h: int, palette: list[Paint], die: random.Random) -> int:
    """Nested borders with a running figure, for one quarter of a rug; returns how far in they reach."""
    reach = 0
    for thick, figure in ((2, False), (die.choice([8, 10, 12]), True), (2, False), (die.choice([0, 4]), True)):
        if not thick:
            continue
        colour, ink = die.choice(palette[1:]), die.choice(palette)
        draw.rectangle((reach, reach, w, h), fill=colour)
        if figure:
            step = thick + die.choice([0, 2, 4])
            for k in range(0, max(w, h) + step, step):
                for x, y in ((reach + k, reach), (reach, reach + k)):
                    r = thick / 2 - 1
                    draw.polygon(
                        [(x + r, y + 1), (x + 2 * r, y + r + 0.5), (x + r, y + 2 * r), (x, y + r + 0.5)], fill=ink
                    )
                    draw.point((x + r, y + r), fill=palette[4])
        reach += thick
    draw.rectangle((reach, reach, w, h), fill=palette[0])
    return reach


def _sprinkle(
    draw: ImageDraw.ImageDraw, inset: int, w: int, h: int, palette: list[Paint], die: random.Random, count: int
) -> None:
    for _ in range(count):
        x, y, ink = die.uniform(inset + 3, w), die.uniform(inset + 3, h), die.choice(palette[1:])
        r = die.choice([1, 2, 2, 3])
        draw.line((x - r - 2, y + die.uniform(-3, 3), x + r + 2, y + die.uniform(-3, 3)), fill=palette[3])
        for dx, dy in ((r, 0), (-r, 0), (0, r), (0, -r)):
            draw.ellipse((x + dx - 1, y + dy - 1, x + dx + 1, y + dy + 1), fill=ink)
        draw.point((x, y), fill=palette[4])


def _medallion(draw: ImageDraw.ImageDraw, w: int, h: int, palette: list[Paint], die: random.Random) -> None:
    inset = _edges(draw, w, h, palette, die)
    _sprinkle(draw, inset, w, h, palette, die, 46)
    for k, share in enumerate((1.0, 0.84, 0.6, 0.36, 0.16)):
        a, b = (w - inset) * 0.8 * share, (h - inset) * 0.62 * share
        t = np.linspace(0, 2 * np.pi, 120)
        lobes = die.choice([6, 8, 12])
        r = 1 + 0.09 * np.cos(lobes * t)
        draw.polygon(
            [(w + a * r_ * np.cos(s), h + b * r_ * np.sin(s)) for s, r_ in zip(t, r, strict=True)],
            fill=palette[(k + 1) % 5],
            outline=palette[4],
        )
    corner = die.choice(palette[1:4])
    draw.pieslice((inset - 24, inset - 30, inset + 24, inset + 30), 0, 90, fill=corner, outline=palette[4])
    _sprinkle(draw, inset, inset + 18, inset + 24, palette, die, 8)


def _prayer(draw: ImageDraw.ImageDraw, w: int, h: int, palette: list[Paint], die: random.Random) -> None:
    inset = _edges(draw, w, h, palette, die)
    draw.rectangle((inset, inset, w, h), fill=palette[1])
    _sprinkle(draw, inset, w, inset + 26, palette, die, 30)
    top = inset + 8
    niche = [
        (w, top),
        (w - 8, top + 8),
        (w - 14, top + 10),
        (w - 24, top + 22),
        (inset + 6, top + 32),
        (inset + 6, h),
        (w, h),
    ]
    draw.polygon(niche, fill=palette[0], outline=palette[4])
    draw.line((w, top + 4, w, top + 22), fill=palette[4])
    draw.polygon([(w, top + 20), (w - 5, top + 28), (w, top + 38)], fill=palette[2])


def _kilim(draw: ImageDraw.ImageDraw, w: int, h: int, palette: list[Paint], die: random.Random) -> None:
    y = 0
    while y < h:
        high = die.choice([3, 4, 8, 14, 20])
        draw.rectangle((0, y, w, y + high), fill=die.choice(palette))
        if high >= 8:
            step, ink, core = die.choice([8, 16, 21]), die.choice(palette), die.choice(palette)
            for x in range(-step, w + step, step):
                for shrink, colour in ((0, ink), (3, core)):
                    draw.polygon(
                        [
                            (x + shrink, y + high / 2),
                            (x + step / 2, y + shrink),
                            (x + step - shrink, y + high / 2),
                            (x + step / 2, y + high - shrink),
                        ],
                        fill=colour,
                    )
        y += high


def _guls(draw: ImageDraw.ImageDraw, w: int, h: int, palette: list[Paint], die: random.Random) -> None:
    inset = _edges(draw, w, h, palette, die)
    step_x, step_y = die.choice([16, 20, 24]), die.choice([18, 22, 26])
    inks = die.sample(palette[1:], 3)
    for row, y in enumerate(range(h, inset, -step_y)):
        for x in range(w, inset, -step_x):
            for k, share in enumerate((0.46, 0.34, 0.18)):
                a, b = step_x * share, step_y * share
                fill = inks[(k + row) % 3]
                draw.polygon(
                    [
                        (x - a, y - b * 0.4),
                        (x - a * 0.4, y - b),
                        (x + a * 0.4, y - b),
                        (x + a, y - b * 0.4),
                        (x + a, y + b * 0.4),
                        (x + a * 0.4, y + b),
                        (x - a * 0.4, y + b),
                        (x - a, y + b * 0.4),
                    ],
                    fill=fill,
                )
            draw.point((x, y), fill=palette[4])
    draw.rectangle((0, 0, 1, h), fill=palette[5])
    _edges_again(draw, inset, w, h, palette)


def _edges_again(draw: ImageDraw.ImageDraw, inset: int, w: int, h: int, palette: list[Paint]) -> None:
    draw.line((inset, inset, w, inset), fill=palette[4])
    draw.line((inset, inset, inset, h), fill=palette[4])


def _plain(draw: ImageDraw.ImageDraw, w: int, h: int, palette: list[Paint], die: random.Random) -> None:
    draw.rectangle((0, 0, w, h), fill=palette[0])


def _modern(palette: list[Paint], die: random.Random) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """No symmetry: blocks, arcs and lines over the whole field."""
    image = Image.new("RGB", (KNOTS_WIDE, KNOTS_HIGH), palette[0])
    draw = ImageDraw.Draw(image)
    for _ in range(die.randint(5, 11)):
        x, y, r = die.uniform(0, KNOTS_WIDE), die.uniform(0, KNOTS_HIGH), die.uniform(14, 60)
        ink, kind = die.choice(palette), die.choice(["block", "disc", "arc", "bar"])
        if kind == "block":
            draw.rectangle((x - r, y - r * 0.6, x + r, y + r * 0.6), fill=ink)
        elif kind == "disc":
            draw.ellipse((x - r, y - r, x + r, y + r), fill=ink)
        elif kind == "arc":
            draw.arc(
                (x - r, y - r, x + r, y + r),
                die.uniform(0, 360),
                die.uniform(400, 600),
                fill=ink,
                width=die.choice([3, 6, 10]),
            )
        else:
            draw.line((x, 0, x + die.uniform(-40, 40), KNOTS_HIGH), fill=ink, width=die.choice([2, 4, 8]))
    return np.asarray(image)


FIELDS = {
    "medallion carpet": _medallion,
    "prayer rug": _prayer,
    "kilim": _kilim,
    "gul rug": _guls,
    "modernist rug": _plain,
}
