"""Pictures as painted, printed or woven: landscapes, coasts, abstracts, still lifes, portraits."""

import colorsys
import random
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from catalog.sample.columns import Floats
from catalog.sample.noise import cloud
from catalog.sample.substances import picture_colours

SIDE = 560
Paint = tuple[int, int, int]


def tone(h: float, s: float, v: float) -> Paint:
    r, g, b = colorsys.hsv_to_rgb(h % 1, min(1, max(0, s)), min(1, max(0, v)))
    return int(r * 255), int(g * 255), int(b * 255)


def painted(subject: str, medium: str, maker: str, model: str, hue: str) -> Floats:
    """The picture (SIDE, SIDE, 3) in linear light; it is stretched to its frame."""
    die = random.Random(f"{model}{hue}")
    image = Image.new("RGB", (SIDE, SIDE), tone(die.random(), 0.1, 0.85))
    SUBJECTS[subject](image, die)
    pixels = _handled(np.asarray(np.asarray(image) / 255, np.float32), medium, die, calm=subject == "portrait")
    depth = die.uniform(1.0, 1.7) if medium.startswith("oil") else 1.0  # old varnish darkens and warms
    pixels = np.clip(pixels, 0, 1) ** depth * np.array([1.0, 1 - 0.05 * (depth - 1), 1 - 0.3 * (depth - 1)], np.float32)
    signed = Image.fromarray((np.clip(pixels, 0, 1) * 255).astype(np.uint8))
    if not maker.startswith(("uns", "Cont")):
        ink = tone(die.random(), 0.6, 0.2 if np.asarray(signed)[-60:, -200:].mean() > 110 else 0.8)
        place = (SIDE - 20, SIDE - 16) if die.random() < 0.7 else (120, SIDE - 16)
        ImageDraw.Draw(signed).text(place, maker.split()[-1], fill=ink, anchor="rs", font_size=20)
    return picture_colours(np.asarray(signed))


def _handled(pixels: Floats, medium: str, die: random.Random, calm: bool) -> Floats:
    """Brush strokes for oil, blooms and paper for watercolour, flat inks with grain for prints."""
    seed = die.randrange(10**6)
    if medium.startswith("oil"):
        reach = 1.6 if calm else 4.5
        dx, dy = cloud(SIDE, SIDE, seed, 40, 2) * reach, cloud(SIDE, SIDE, seed + 1, 30, 2) * reach
        y, x = np.mgrid[0:SIDE, 0:SIDE]
        moved = pixels[np.clip(y + dy.astype(int), 0, SIDE - 1), np.clip(x + dx.astype(int), 0, SIDE - 1)]
        strokes = (
            cloud(SIDE, SIDE, seed + 2, 60, 2)[..., None] * 0.035 + cloud(SIDE, SIDE, seed + 3, 12, 2)[..., None] * 0.03
        )
        return np.asarray(
            moved * (1 + strokes)
            + cloud(SIDE, SIDE, seed + 4, 24, 2)[..., None] * np.array([0.02, 0.0, -0.02], np.float32),
            np.float32,
        )
    if medium in ("watercolour", "gouache"):
        wash = cloud(SIDE, SIDE, seed, 8, 4)[..., None]
        soft = (
            np.asarray(
                Image.fromarray((np.clip(pixels, 0, 1) * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(1.6)),
                np.float32,
            )
            / 255
        )
        thin = 0.78 if medium == "watercolour" else 0.95
        paper = np.array([0.95, 0.93, 0.88], np.float32)
        return np.asarray(paper + (soft - paper) * np.clip(thin + 0.12 * wash, 0.3, 1.05), np.float32)
    levels = 5 if medium == "woodcut" else 9
    flat = np.round(pixels * levels) / levels
    grain = cloud(SIDE, SIDE, seed, 140 if medium == "lithograph" else 90, 1)[..., None]
    return np.asarray(flat + 0.035 * grain, np.float32)


def _lighter(colour: Paint) -> Paint:
    return min(255, colour[0] * 3 // 2), min(255, colour[1] * 3 // 2), min(255, colour[2] * 3 // 2)


def _ridge(die: random.Random, base: float, height: float, rough: float = 1.0) -> list[tuple[float, float]]:
    waves = [(die.uniform(0.5, 9) * rough, die.uniform(0, 6.3), die.random()) for _ in range(7)]
    xs = np.arange(0, SIDE + 6, 6)
    line = sum(a / (1 + k * 0.3) * np.sin(k * xs / SIDE * 6.3 + p) for k, p, a in waves)
    return [(float(x), float(base - height * y)) for x, y in zip(xs, np.asarray(line), strict=True)]


def _fill(draw: ImageDraw.ImageDraw, line: list[tuple[float, float]], colour: Paint) -> None:
    draw.polygon([*line, (SIDE, SIDE), (0, SIDE)], fill=colour)


def _sky(image: Image.Image, die: random.Random, horizon: float) -> float:
    """Sky with clouds; returns its hue."""
    hue = die.choice([0.56, 0.58, 0.6, 0.09, 0.07, 0.95, 0.53])
    top, low = (
        np.array(tone(hue, die.uniform(0.25, 0.6), die.uniform(0.5, 0.85))),
        np.array(tone(die.choice([hue, 0.1, 0.12]), 0.25, 0.95)),
    )
    t = np.linspace(0, 1, SIDE)[:, None, None]
    sky = (top * (1 - t) + low * t) * np.ones((1, SIDE, 1))
    seed = die.randrange(10**6)
    puffs = np.clip(
        cloud(SIDE, SIDE, seed, 3, 5) * np.linspace(1.2, 0.4, SIDE)[:, None] - die.uniform(-0.2, 0.7), 0, 1
    )[..., None]
    lit = np.clip(cloud(SIDE, SIDE, seed + 1, 5, 3), -1, 1)[..., None] * 18
    sky = sky * (1 - 0.8 * puffs) + (np.array([240, 236, 228]) + lit) * 0.8 * puffs
    image.paste(Image.fromarray(np.clip(sky, 0, 255).astype(np.uint8)))
    del horizon
    return hue


def _landscape(image: Image.Image, die: random.Random) -> None:
    horizon = SIDE * die.uniform(0.4, 0.62)
    hue = _sky(image, die, horizon)
    draw = ImageDraw.Draw(image)
    green = die.choice([0.22, 0.26, 0.3, 0.13, 0.1, 0.08])
    layers = die.randint(3, 5)
    for k in range(layers):
        near = k / (layers - 1)
        shade = tone(
            hue * (1 - near) + green * near if near > 0.2 else hue,
            0.2 + 0.35 * near,
            0.66 - 0.3 * near + die.uniform(-0.05, 0.05),
        )
        _fill(
            draw, _ridge(die, horizon + (SIDE - horizon) * near * 0.7, SIDE * (0.09 - 0.05 * near), 0.6 + near), shade
        )
    if die.random() < 0.4:
        _river(draw, die, horizon, hue)
    if die.random() < 0.5:
        for _ in range(die.randint(1, 4)):
            _cottage(
                draw, die.uniform(0.1, 0.9) * SIDE, horizon + die.uniform(0.05, 0.2) * SIDE, die.uniform(24, 60), die
            )
    for _ in range(die.randint(2, 16)):
        y = horizon + die.random() ** 1.5 * (SIDE - horizon) * 0.75
        size = SIDE * (0.05 + 0.5 * (y - horizon) / SIDE) * die.uniform(0.7, 1.5)
        _tree(draw, die.uniform(0, SIDE), y, size, green, die)
    _specks(draw, die, horizon, green)


def _river(draw: ImageDraw.ImageDraw, die: random.Random, horizon: float, hue: float) -> None:
    x, left, right = SIDE * die.uniform(0.3, 0.7), [], []
    for k in range(30):
        t = k / 29
        y, half = horizon + SIDE * 0.04 + (SIDE - horizon) * t, 4 + 120 * t**1.8
        mid = x + SIDE * 0.18 * np.sin(4 * t + x) * (1 - 0.4 * t)
        left.append((mid - half, y))
        right.append((mid + half, y))
    draw.polygon(left + right[::-1], fill=tone(hue, 0.22, 0.8))


def _tree(draw: ImageDraw.ImageDraw, x: float, y: float, size: float, hue: float, die: random.Random) -> None:
    draw.line(
        (x, y, x + die.uniform(-0.05, 0.05) * size, y - size * 0.6),
        fill=tone(0.07, 0.5, 0.22),
        width=max(2, int(size * 0.06)),
    )
    slim = die.choice([0.14, 0.26, 0.3])
    for k in range(70):
        px, py = x + die.gauss(0, slim * 0.6) * size, y - size * (0.62 + die.gauss(0, 0.16))
        r = size * die.uniform(0.03, 0.09)
        light = 0.2 + 0.32 * (k / 70) + 0.12 * ((x - px) / size + (y - 0.6 * size - py) / size)
        draw.ellipse(
            (px - r, py - r * 0.8, px + r, py + r * 0.8), fill=tone(hue + die.uniform(-0.03, 0.03), 0.55, light)
        )


def _cottage(draw: ImageDraw.ImageDraw, x: float, y: float, w: float, die: random.Random) -> None:
    h = w * 0.55
    draw.rectangle((x, y - h, x + w, y), fill=tone(0.1, 0.12, die.uniform(0.75, 0.95)))
    draw.rectangle((x + w, y - h, x + w * 1.35, y), fill=tone(0.08, 0.2, 0.55))
    draw.polygon(
        [(x - 3, y - h), (x + w * 0.2, y - h * 1.7), (x + w * 1.2, y - h * 1.7), (x + w * 1.38, y - h)],
        fill=tone(die.choice([0.02, 0.06, 0.6]), 0.5, 0.42),
    )
    draw.rectangle((x + w * 0.4, y - h * 0.6, x + w * 0.55, y), fill=tone(0.07, 0.5, 0.2))


def _specks(draw: ImageDraw.ImageDraw, die: random.Random, horizon: float, green: float) -> None:
    """Grass, flowers, figures: the small strokes that fill a foreground."""
    accent = die.choice([0.0, 0.12, 0.9, 0.6])
    for _ in range(700):
        y = horizon + (die.random() ** 0.6) * (SIDE - horizon)
        near = (y - horizon) / (SIDE - horizon)
        x, length = die.uniform(0, SIDE), 3 + 14 * near
        colour = (
            tone(green + die.uniform(-0.05, 0.05), 0.5, die.uniform(0.25, 0.7))
            if die.random() < 0.93
            else tone(accent, 0.7, 0.85)
        )
        draw.line(
            (x, y, x + die.uniform(-3, 6), y - length * die.uniform(0.2, 1)), fill=colour, width=1 + int(2.5 * near)
        )


def _seascape(image: Image.Image, die: random.Random) -> None:
    horizon = SIDE * die.uniform(0.38, 0.6)
    hue = _sky(image, die, horizon)
    draw = ImageDraw.Draw(image)
    sea = die.choice([0.52, 0.55, 0.58, 0.47])
    for y in range(int(horizon), SIDE, 2):
        t = (y - horizon) / (SIDE - horizon)
        draw.line(
            (0, y, SIDE, y),
            fill=tone(sea * 0.8 + 0.2 * hue, 0.35 + 0.25 * t, 0.72 - 0.3 * t + die.uniform(-0.02, 0.02)),
            width=2,
        )
    for _ in range(420):
        t = die.random() ** 0.7
        x, y, w = die.uniform(-20, SIDE), horizon + t * (SIDE - horizon), 8 + 50 * t
        draw.arc(
            (x, y, x + w, y + w * 0.25),
            180,
            360,
            fill=tone(sea, 0.2 + 0.3 * die.random(), die.uniform(0.45, 0.95)),
            width=1 + int(3 * t),
        )
    if die.random() < 0.6:
        _fill_cliff(draw, die, horizon)
    for _ in range(die.randint(1, 4)):
        _boat(draw, die.uniform(0.1, 0.85) * SIDE, horizon + die.uniform(0.01, 0.3) * SIDE, die)


def _fill_cliff(draw: ImageDraw.ImageDraw, die: random.Random, horizon: float) -> None:
    side, reach = die.choice([0, 1]), die.uniform(0.25, 0.55) * SIDE
    rise = die.uniform(0.06, 0.2) * SIDE
    for k in range(3):
        pts = [
            (x, horizon + 6 * k - rise * (1 - x / reach) ** 0.6 * (1 - 0.25 * k) + die.uniform(-5, 5))
            for x in np.linspace(0, reach, 26)
        ]
        shape = [
            (x if side == 0 else SIDE - x, y)
            for x, y in [(0.0, horizon + 14 * k + 10), *pts, (reach, horizon + 14 * k + 10)]
        ]
        draw.polygon(shape, fill=tone(die.choice([0.08, 0.1, 0.25]), 0.35, 0.42 + 0.1 * k))


def _boat(draw: ImageDraw.ImageDraw, x: float, y: float, die: random.Random) -> None:
    s = 14 + (y / SIDE) ** 3 * 150
    draw.polygon(
        [(x, y), (x + s, y), (x + s * 0.85, y + s * 0.22), (x + s * 0.12, y + s * 0.22)],
        fill=tone(die.random(), 0.5, 0.3),
    )
    draw.line((x + s * 0.45, y, x + s * 0.45, y - s * 1.3), fill=tone(0.07, 0.5, 0.2), width=max(1, int(s / 20)))
    sail = die.choice([tone(0.1, 0.1, 0.93), tone(0.03, 0.6, 0.6), tone(0.11, 0.5, 0.75)])
    draw.polygon([(x + s * 0.48, y - s * 0.1), (x + s * 0.48, y - s * 1.25), (x + s * 1.0, y - s * 0.15)], fill=sail)
    draw.polygon([(x + s * 0.42, y - s * 0.1), (x + s * 0.42, y - s * 1.1), (x + s * 0.05, y - s * 0.12)], fill=sail)
    draw.line((x, y + s * 0.3, x + s, y + s * 0.3), fill=tone(0.55, 0.3, 0.4), width=2)


def _scheme(die: random.Random) -> list[Paint]:
    base = die.random()
    offsets = die.choice([(0, 0.03, 0.5), (0, 0.33, 0.66), (0, 0.08, 0.12), (0, 0.45, 0.55)])
    tones = [tone(base + o, die.uniform(0.4, 0.85), die.uniform(0.35, 0.9)) for o in offsets]
    return [*tones, tone(base, 0.08, 0.92), tone(base, 0.2, 0.14), tone(base + offsets[1], 0.25, 0.7)]


def _abstract(image: Image.Image, die: random.Random) -> None:
    colours = _scheme(die)
    draw = ImageDraw.Draw(image)
    image.paste(colours[die.choice([3, 4, 5])], (0, 0, SIDE, SIDE))
    kind = die.choice(["fields", "gestures", "shards", "bubbles"])
    if kind == "fields":
        y = SIDE * 0.05
        while y < SIDE * 0.9:
            high = die.uniform(0.1, 0.4) * SIDE
            draw.rectangle((SIDE * 0.06, y, SIDE * 0.94, min(y + high, SIDE * 0.95)), fill=die.choice(colours))
            y += high + SIDE * 0.03
        image.paste(image.filter(ImageFilter.GaussianBlur(6)))
        return
    for _ in range(die.randint(8, 26)):
        colour, x, y = die.choice(colours), die.uniform(0, SIDE), die.uniform(0, SIDE)
        if kind == "gestures":
            t = np.linspace(0, 1, 24)
            a, b = die.uniform(-4, 4), die.uniform(-4, 4)
            path = [(x + SIDE * 0.3 * s * np.cos(a * s + b), y + SIDE * 0.3 * s * np.sin(b * s + a)) for s in t]
            draw.line(path, fill=colour, width=die.randint(4, 60), joint="curve")
        elif kind == "shards":
            points = [(x + die.gauss(0, SIDE * 0.2), y + die.gauss(0, SIDE * 0.2)) for _ in range(die.choice([3, 4]))]
            draw.polygon(points, fill=colour, outline=colours[4])
        else:
            r = die.uniform(0.02, 0.2) * SIDE
            draw.ellipse(
                (x - r, y - r, x + r, y + r), fill=colour, outline=die.choice(colours), width=die.randint(1, 10)
            )


def _geometric(image: Image.Image, die: random.Random) -> None:
    colours = _scheme(die)
    draw = ImageDraw.Draw(image)
    image.paste(colours[3], (0, 0, SIDE, SIDE))
    count = die.choice([3, 4, 5, 6])
    step, kind = SIDE * 0.8 / count, die.choice(["quarter", "stripes", "rings", "triangles"])
    for i in range(count):
        for j in range(count):
            x, y = SIDE * 0.1 + i * step, SIDE * 0.1 + j * step
            draw.rectangle((x, y, x + step, y + step), fill=die.choice(colours))
            ink = die.choice(colours)
            if kind == "quarter":
                cx, cy = die.choice([(x, y), (x + step, y), (x, y + step), (x + step, y + step)])
                patch = Image.new("L", image.size, 0)
                ImageDraw.Draw(patch).ellipse((cx - step, cy - step, cx + step, cy + step), fill=255)
                cell = patch.crop((int(x), int(y), int(x + step), int(y + step)))
                image.paste(ink, (int(x), int(y)), cell)
            elif kind == "stripes":
                for k in range(0, 6, 2):
                    s = step / 6 * k
                    box = (
                        (x + s, y, x + s + step / 6, y + step)
                        if (i + j) % 2
                        else (x, y + s, x + step, y + s + step / 6)
                    )
                    draw.rectangle(box, fill=ink)
            elif kind == "rings":
                for k in range(3):
                    r = step * (0.46 - 0.15 * k)
                    draw.ellipse(
                        (x + step / 2 - r, y + step / 2 - r, x + step / 2 + r, y + step / 2 + r),
                        fill=die.choice(colours),
                    )
            else:
                draw.polygon(
                    die.choice(
                        [[(x, y), (x + step, y), (x, y + step)], [(x + step, y + step), (x + step, y), (x, y + step)]]
                    ),
                    fill=ink,
                )


def _shaded_ball(
    image: Image.Image, x: float, y: float, rx: float, ry: float, colour: Paint, dusk: float = 0.22
) -> None:
    """A rounded thing lit from one side, laid on the picture."""
    w, h = max(2, int(2 * rx)), max(2, int(2 * ry))
    v, u = np.mgrid[-1 : 1 : h * 1j, -1 : 1 : w * 1j]
    z = np.sqrt(np.clip(1 - u * u - v * v, 0, 1))
    light = np.clip(-u * 0.55 - v * 0.5 + z * 0.6, 0, 1)
    shade = (
        np.array(colour) * (dusk + (1.07 - dusk) * light[..., None]) + 150 * np.clip(light[..., None] - 0.93, 0, 1) * 5
    )
    mask = Image.fromarray(((u * u + v * v <= 1) * 255).astype(np.uint8))
    image.paste(Image.fromarray(np.clip(shade, 0, 255).astype(np.uint8)), (int(x - rx), int(y - ry)), mask)


def _still_life(image: Image.Image, die: random.Random) -> None:
    draw = ImageDraw.Draw(image)
    wall, cloth = (
        tone(die.random(), 0.25, die.uniform(0.12, 0.5)),
        tone(die.choice([0.07, 0.09, 0.6, 0.0]), 0.3, die.uniform(0.3, 0.8)),
    )
    edge = SIDE * die.uniform(0.6, 0.7)
    draw.rectangle((0, 0, SIDE, edge), fill=wall)
    draw.rectangle((0, edge, SIDE, SIDE), fill=cloth)
    for k in range(10):
        draw.line(
            (0, edge + k * 26 + die.uniform(-6, 6), SIDE, edge + k * 26 + die.uniform(-20, 20)),
            fill=tuple(int(c * 0.86) for c in cloth),
            width=5,
        )
    x = SIDE * die.uniform(0.3, 0.65)
    pot = tone(die.random(), 0.4, 0.6)
    for share, wide in ((0.0, 0.15), (-0.14, 0.1), (-0.2, 0.07)):
        _shaded_ball(image, x, edge + 0.02 * SIDE + share * SIDE, wide * SIDE, 0.12 * SIDE, pot)
    if die.random() < 0.75:
        for _ in range(die.randint(14, 34)):
            fx, fy = x + die.gauss(0, 0.13) * SIDE, edge - 0.36 * SIDE + die.gauss(0, 0.09) * SIDE
            draw.line((fx, fy, x, edge - 0.2 * SIDE), fill=tone(0.3, 0.5, 0.25), width=3)
            _shaded_ball(
                image,
                fx,
                fy,
                die.uniform(10, 34),
                die.uniform(10, 30),
                tone(die.choice([0.0, 0.95, 0.12, 0.1, 0.75, 0.55]), die.uniform(0.2, 0.8), 0.9),
            )
    for _ in range(die.randint(3, 8)):
        r = SIDE * die.uniform(0.045, 0.08)
        fx, fy = SIDE * die.uniform(0.1, 0.9), edge + SIDE * die.uniform(0.06, 0.26)
        draw.ellipse((fx - r * 0.8, fy + r * 0.5, fx + r * 1.7, fy + r * 1.1), fill=tuple(int(c * 0.55) for c in cloth))
        _shaded_ball(
            image, fx, fy, r, r * die.uniform(0.85, 1.1), tone(die.choice([0.02, 0.07, 0.13, 0.24, 0.95]), 0.75, 0.85)
        )


def _portrait(image: Image.Image, die: random.Random) -> None:
    ground = tone(die.choice([0.07, 0.1, 0.3, 0.58]), 0.35, die.uniform(0.14, 0.4))
    image.paste(ground, (0, 0, SIDE, SIDE))
    _shaded_ball(image, SIDE * 0.35, SIDE * 0.3, SIDE * 0.6, SIDE * 0.6, _lighter(ground))
    image.paste(image.filter(ImageFilter.GaussianBlur(40)))
    skin, hair = (
        tone(die.uniform(0.05, 0.075), die.uniform(0.3, 0.5), die.uniform(0.55, 0.88)),
        tone(die.uniform(0.03, 0.1), 0.6, die.uniform(0.1, 0.5)),
    )
    coat = tone(die.random(), die.uniform(0.2, 0.7), die.uniform(0.15, 0.5))
    x, y, turn = SIDE * die.uniform(0.46, 0.54), SIDE * 0.4, die.choice([-1, 1])
    draw = ImageDraw.Draw(image)
    _shaded_ball(image, x, SIDE * 0.98, SIDE * 0.36, SIDE * 0.32, coat, 0.4)
    _shaded_ball(image, x, y + SIDE * 0.02, SIDE * 0.165, SIDE * 0.2, hair)
    if die.random() < 0.5:
        _shaded_ball(image, x, y + SIDE * 0.16, SIDE * 0.17, SIDE * 0.2, hair)
    draw.polygon(
        [
            (x - SIDE * 0.06, y + SIDE * 0.12),
            (x + SIDE * 0.06, y + SIDE * 0.12),
            (x + SIDE * 0.09, y + SIDE * 0.32),
            (x - SIDE * 0.09, y + SIDE * 0.32),
        ],
        fill=tuple(int(c * 0.75) for c in skin),
    )
    draw.polygon(
        [
            (x - SIDE * 0.14, y + SIDE * 0.3),
            (x, y + SIDE * 0.44),
            (x + SIDE * 0.14, y + SIDE * 0.3),
            (x, y + SIDE * 0.33),
        ],
        fill=tone(0.1, 0.06, 0.85),
    )
    _shaded_ball(image, x, y + SIDE * 0.035, SIDE * 0.125, SIDE * 0.168, skin, 0.62)
    fx = x + turn * SIDE * 0.02
    for side in (-1, 1):
        ex, ey = fx + side * SIDE * 0.047, y + SIDE * 0.015
        draw.ellipse((ex - 11, ey - 4, ex + 11, ey + 5), fill=tuple(int(c * 0.9) for c in tone(0.08, 0.12, 0.78)))
        draw.ellipse((ex - 5, ey - 5, ex + 5, ey + 5), fill=(44, 34, 28))
        draw.arc((ex - 18, ey - 22, ex + 18, ey + 8), 200, 340, fill=hair, width=5)
    draw.line(
        [(fx, y + SIDE * 0.02), (fx + turn * 12, y + SIDE * 0.085), (fx - turn * 4, y + SIDE * 0.09)],
        fill=tuple(int(c * 0.68) for c in skin),
        width=5,
    )
    draw.arc((fx - 24, y + SIDE * 0.09, fx + 24, y + SIDE * 0.13), 20, 160, fill=tone(0.0, 0.5, 0.5), width=6)
    top = Image.new("L", image.size, 0)
    ImageDraw.Draw(top).chord(
        (x - SIDE * 0.135, y - SIDE * 0.14, x + SIDE * 0.135, y + SIDE * 0.12), 185, 355, fill=235
    )
    image.paste(hair, (0, 0), top.filter(ImageFilter.GaussianBlur(4)))
    image.paste(image.filter(ImageFilter.GaussianBlur(1.5)))


SUBJECTS: dict[str, Callable[[Image.Image, random.Random], None]] = {
    "landscape": _landscape, "seascape": _seascape, "abstract": _abstract, "print": _geometric,
        "still life": _still_life, "portrait": _portrait,
}  # fmt: skip
