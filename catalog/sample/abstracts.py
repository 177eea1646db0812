"""Painted without a subject: abstracts and geometric prints."""

import random

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from catalog.sample.paint import SIDE, Paint, tone


def _scheme(die: random.Random) -> list[Paint]:
    base = die.random()
    offsets = die.choice([(0, 0.03, 0.5), (0, 0.33, 0.66), (0, 0.08, 0.12), (0, 0.45, 0.55)])
    tones = [tone(base + o, die.uniform(0.4, 0.85), die.uniform(0.35, 0.9)) for o in offsets]
    return [*tones, tone(base, 0.08, 0.92), tone(base, 0.2, 0.14), tone(base + offsets[1], 0.25, 0.7)]


def abstract(image: Image.Image, die: random.Random) -> None:
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


def geometric(image: Image.Image, die: random.Random) -> None:
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
