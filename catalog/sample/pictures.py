"""Framed pictures."""

import random

from catalog.sample.canvases import SUBJECTS, painted
from catalog.sample.design import Design
from catalog.sample.frames import PROFILES
from catalog.sample.joinery import box, moulding, panel
from catalog.sample.material import Material
from catalog.sample.mesh import joined
from catalog.sample.stage import Part
from catalog.sample.substances import linear, substance


def picture(design: Design, die: random.Random) -> list[Part]:
    """Upright in the x-z plane, facing -y, its back at y = 0.03."""
    shape = random.Random(design.model)
    upright = design.form.name == "portrait" or (
        design.form.name in ("abstract", "print", "still life") and shape.random() < 0.4
    )
    w, h = (0.76, 1.0) if upright else (1.0, 0.76)
    medium = design.substance
    image = painted(design.form.name, medium, design.maker, design.model, design.hue)
    on_paper = medium not in ("oil on canvas", "oil on board")
    oil = Material(
        texture=image,
        colour=(1, 1, 1),
        rough=0.34 if not on_paper else 0.8,
        gloss=0.7 if not on_paper else 0.3,
        bump=0.05,
        bump_scale=9.0,
        wear=0.3 * design.wear,
    )
    wide = shape.uniform(0.7, 1.25)
    frame = substance(design.pattern, die, design.wear)
    parts = []
    opening = (w, h)
    if on_paper or shape.random() < 0.15:  # a mount of card with a bevelled window
        card = Material(
            colour=shape.choice([linear(238, 234, 222), linear(228, 220, 200), linear(240, 240, 238)]),
            rough=0.9,
            gloss=0.1,
        )
        border = shape.uniform(0.08, 0.15)
        parts.append(Part(moulding(w, h, [(0.0, -0.004), (0.006, 0.004), (border, 0.004)]), card))
        opening = (w + 2 * border - 0.02, h + 2 * border - 0.02)
    profile = [(a * wide, b * wide) for a, b in shape.choice(PROFILES[2:3] if on_paper else PROFILES)]
    parts += [Part(panel(w, h, 14), oil), Part(moulding(*opening, profile), frame)]
    back = Material(
        colour=linear(150, 112, 70),
        rough=0.9,
        gloss=0.1,
        grain="mottle",
        second=linear(120, 84, 52),
        scale=0.8,
        contrast=0.5,
    )
    parts.append(Part(panel(opening[0], opening[1], 6).turned("z", 180).moved(y=0.012), back))
    stretcher = [
        box(opening[0] * 1.02, 0.02, 0.06, 0.004, 8).moved(0, 0.014, z)
        for z in (-opening[1] / 2, opening[1] / 2 - 0.06, -0.03)
    ]
    pine = Material(
        colour=linear(196, 160, 110),
        second=linear(160, 120, 76),
        grain="wood",
        axis=0,
        scale=1.4,
        contrast=0.8,
        rough=0.7,
        gloss=0.3,
    )
    parts.append(Part(joined(stretcher), pine))
    tall = float(max(part.mesh.points[:, 2].max() for part in parts))
    return [Part(part.mesh.moved(z=tall), part.material) for part in parts]


PICTURES = dict.fromkeys(SUBJECTS, picture)
