"""Profiles of frames, and the wall mirrors in them."""

import random

import numpy as np

from catalog.sample.design import Design
from catalog.sample.joinery import board, hoop, moulding, panel, warped
from catalog.sample.material import Material
from catalog.sample.stage import Part
from catalog.sample.substances import substance

PROFILES = (
    [(0.0, 0.01), (0.006, 0.018), (0.02, 0.02), (0.05, 0.035), (0.08, 0.06), (0.1, 0.062), (0.11, 0.04), (0.11, -0.01)],
    [
        (0.0, 0.012),
        (0.01, 0.02),
        (0.02, 0.014),
        (0.045, 0.02),
        (0.075, 0.045),
        (0.085, 0.03),
        (0.1, 0.05),
        (0.125, 0.045),
        (0.13, -0.01),
    ],
    [(0.0, 0.02), (0.004, 0.026), (0.045, 0.028), (0.05, 0.024), (0.05, -0.01)],
    [(0.0, 0.05), (0.02, 0.055), (0.06, 0.035), (0.09, 0.03), (0.1, 0.015), (0.1, -0.01)],
)


def mirror(design: Design, die: random.Random) -> list[Part]:
    shape, frame = random.Random(design.model), substance(design.substance, die, design.wear)
    w, h = shape.uniform(0.5, 0.66), shape.uniform(0.72, 0.9)
    profile = [(1.1 * a, 1.1 * b) for a, b in shape.choice(PROFILES)]
    silver = Material(colour=(0.86, 0.88, 0.87), metal=1.0, rough=0.015, patchy=0.0, wear=0.5 * design.wear)
    z = h / 2 + 0.14
    if design.pattern == "oval":
        rim = hoop(w, h, profile).moved(z=z)
        flat = warped(
            hoop(0.004, 0.004, [(0.0, 0.0), ((w + h) / 4 * 0.5, 0.0), ((w + h) / 4, 0.0)]),
            lambda p: p * np.array([w / (w + h) * 2, 1, h / (w + h) * 2], np.float32),
        ).moved(z=z)
    else:
        rim, flat = moulding(w, h, profile).moved(z=z), panel(w, h, 6).moved(z=z)
    parts = [Part(rim, frame), Part(flat, silver)]
    if shape.random() < 0.35:
        crest = np.array(
            [
                (0.3 * np.cos(t) * (1 + 0.12 * np.cos(5 * t)), 0.13 * max(0.0, np.sin(t)) * (1 + 0.2 * np.cos(4 * t)))
                for t in np.linspace(0, np.pi, 40)
            ]
        )
        parts.append(Part(board(crest + np.array([0, z + h / 2 + 0.1]), 0.05, 0.015).moved(0, -0.02), frame))
    return parts
