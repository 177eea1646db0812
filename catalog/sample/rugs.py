"""Rugs on the floor, with their fringes."""

import random
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.sample.design import Design
from catalog.sample.material import Material
from catalog.sample.mesh import Mesh, grid, joined
from catalog.sample.noise import cloud
from catalog.sample.stage import Part
from catalog.sample.substances import linear
from catalog.sample.weaving import FIELDS, woven


def rug(design: Design, die: random.Random) -> list[Part]:
    """Lying on the floor, gently uneven, with fringes at its ends."""
    w, h = 1.0, 1.5
    u, v = np.meshgrid(np.linspace(0, 1, 61), np.linspace(0, 1, 91), indexing="ij")
    waves = cloud(61, 91, die.randrange(10**6), 2, 2)
    x, y = (u - 0.5) * w, (v - 0.5) * h
    lift = 0.012 + 0.006 * np.clip(waves, -1, 1.5)
    x = x + 0.006 * np.sin(5 * v + die.uniform(0, 6))
    top = grid(np.stack([x, y, lift], -1), np.stack([u, v], -1))
    pile = Material(
        texture=woven(design), colour=(1, 1, 1), rough=1.0, gloss=0.0, sheen=0.5, bump=0.12, bump_scale=16.0
    )
    parts = [Part(top, pile), Part(_hem(x, y, lift), replace(pile, texture=None, colour=(0.25, 0.2, 0.14)))]
    if die.random() < 0.8:
        parts += [
            Part(_fringe(w, side * h / 2, side, die), Material(colour=linear(206, 194, 166), rough=1.0, gloss=0.0))
            for side in (-1, 1)
        ]
    return parts


def _hem(x: NDArray[np.floating[Any]], y: NDArray[np.floating[Any]], z: NDArray[np.floating[Any]]) -> Mesh:
    edges = []
    for line in ((slice(None), 0), (slice(None), -1), (0, slice(None)), (-1, slice(None))):
        top = np.stack([x[line], y[line], z[line]], -1)
        low = top * [1, 1, 0]
        edges.append(grid(np.stack([top, low], 1)))
    return joined(edges)


def _fringe(width: float, y: float, side: int, die: random.Random) -> Mesh:
    strands = []
    for x in np.linspace(-width / 2, width / 2, 90):
        lean, length = die.gauss(0, 0.008), die.uniform(0.03, 0.055)
        strip = np.array([[[x - 0.003, y, 0.01], [x + 0.003, y, 0.01]], [[x - 0.003 + lean, y + side * length * 0.6,
            0.006], [x + 0.003 + lean, y + side * length * 0.6, 0.006]],
                          [[x - 0.001 + 2 * lean, y + side * length, 0.002], [x + 0.001 + 2 * lean,
                              y + side * length, 0.002]]])  # fmt: skip
        mesh = grid(strip)
        strands.append(
            Mesh(mesh.points, np.tile(np.array([0, 0, 1], np.float32), (len(mesh.points), 1)), mesh.uv, mesh.faces)
        )
    return joined(strands)


RUGS = dict.fromkeys(FIELDS, rug)
