"""From the cataloguer's word for a substance to the material that the renderer shades."""

import colorsys
import random
from dataclasses import replace

import numpy as np

from catalog.sample.columns import Floats
from catalog.sample.material import Colour, Material, dimmed


def linear(red: float, green: float, blue: float) -> Colour:
    """Display values 0..255 as linear light."""
    values = [
        (c / 255 / 12.92) if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in (red, green, blue)
    ]
    return values[0], values[1], values[2]


def shifted(colour: Colour, die: random.Random, amount: float = 0.06) -> Colour:
    """The colour a little warmer, paler or darker: no two batches are alike."""
    h, s, v = colorsys.rgb_to_hsv(*colour)
    h = (h + die.gauss(0, amount * 0.12)) % 1
    r, g, b = colorsys.hsv_to_rgb(
        h, min(1.0, s * die.uniform(1 - amount, 1 + amount)), min(1.0, v * die.uniform(1 - amount * 2, 1 + amount))
    )
    return r, g, b


HUE_COLOURS: dict[str, Colour] = {
    "cobalt": linear(28, 52, 128), "green": linear(38, 98, 62), "iron red": linear(160, 52, 30), "ochre": linear(190,
        130, 40),
    "turquoise": linear(40, 140, 145), "black": linear(32, 30, 32), "plum": linear(92, 38, 80), "rose": linear(190,
        90, 105),
}  # fmt: skip

BODIES: dict[str, Material] = {
    "porcelain": Material(colour=linear(232, 232, 228), rough=0.1, gloss=1.15, patchy=0.03),
    "creamware": Material(colour=linear(236, 224, 192), rough=0.16, grain="crackle", second=linear(150, 115, 70),
        scale=1.6, contrast=0.5),
    "celadon": Material(colour=linear(158, 184, 160), second=linear(128, 160, 140), grain="mottle", scale=0.5,
        contrast=0.8, rough=0.14),
    "stoneware": Material(colour=linear(150, 126, 98), second=linear(84, 62, 44), grain="speckle", scale=4.0,
        contrast=0.8, rough=0.5, gloss=0.6, bump=0.05, bump_scale=3.0),
    "tenmoku": Material(colour=linear(116, 66, 32), second=linear(24, 17, 16), grain="drip", scale=0.7, contrast=1.0,
        rough=0.14, bump=0.03),
    "oxblood": Material(colour=linear(128, 22, 20), second=linear(70, 10, 18), grain="mottle", scale=0.6,
        contrast=0.9, rough=0.08, gloss=1.2),
    "earthenware": Material(colour=linear(214, 178, 132), second=linear(188, 146, 100), grain="mottle", scale=0.8,
        contrast=0.6, rough=0.3, bump=0.03),
    "silver": Material(colour=(0.90, 0.885, 0.85), metal=1.0, rough=0.13, patchy=0.08, bump=0.006, bump_scale=2.0),
    "pewter": Material(colour=(0.50, 0.50, 0.50), metal=1.0, rough=0.34, patchy=0.1, bump=0.008, bump_scale=3.0),
    "brass": Material(colour=(0.83, 0.60, 0.25), metal=1.0, rough=0.18, patchy=0.1, bump=0.008, bump_scale=2.5),
    "copper": Material(colour=(0.86, 0.47, 0.31), metal=1.0, rough=0.2, patchy=0.12, bump=0.02, bump_scale=4.0),
    "yellow gold": Material(colour=(0.98, 0.72, 0.30), metal=1.0, rough=0.1),
    "white gold": Material(colour=(0.86, 0.85, 0.82), metal=1.0, rough=0.09),
    "rose gold": Material(colour=(0.95, 0.62, 0.46), metal=1.0, rough=0.1),
    "gilt": Material(colour=(0.80, 0.56, 0.22), metal=0.9, rough=0.3, patchy=0.15, bump=0.04, bump_scale=5.0),
    "silvered": Material(colour=(0.66, 0.64, 0.60), metal=0.9, rough=0.32, patchy=0.15, bump=0.03, bump_scale=5.0),
    "oak": Material(colour=linear(168, 126, 82), second=linear(116, 78, 44), grain="wood", scale=1.3, contrast=0.9,
        rough=0.38),
    "walnut": Material(colour=linear(122, 82, 52), second=linear(66, 40, 24), grain="wood", scale=1.0, contrast=0.9,
        rough=0.28),
    "mahogany": Material(colour=linear(124, 60, 36), second=linear(70, 28, 18), grain="wood", scale=1.1,
        contrast=0.8, rough=0.2, gloss=1.1),
    "rosewood": Material(colour=linear(104, 54, 36), second=linear(38, 20, 16), grain="wood", scale=1.5,
        contrast=1.0, rough=0.24),
    "ebonised": Material(colour=linear(36, 32, 30), second=linear(24, 21, 20), grain="wood", scale=1.2, contrast=0.6,
        rough=0.22),
    "painted pine": Material(colour=linear(176, 188, 178), second=linear(150, 120, 84), grain="mottle", scale=2.2,
        contrast=0.16, rough=0.5, gloss=0.6),
    "white": Material(colour=linear(232, 230, 224), rough=0.4, gloss=0.7),
    "white marble": Material(colour=linear(228, 224, 218), second=linear(140, 140, 146), grain="marble", scale=0.55,
        contrast=0.6, rough=0.28),
    "black marble": Material(colour=linear(38, 37, 39), second=linear(190, 184, 172), grain="marble", scale=0.5,
        contrast=0.5, rough=0.14, gloss=1.1),
    "alabaster": Material(colour=linear(234, 218, 192), second=linear(196, 160, 118), grain="marble", scale=0.4,
        contrast=0.5, rough=0.3, sheen=0.3),
    "serpentine": Material(colour=linear(62, 92, 70), second=linear(140, 160, 130), grain="marble", scale=0.9,
        contrast=0.7, rough=0.2),
    "bronze": Material(colour=(0.30, 0.19, 0.10), metal=0.85, rough=0.32, patchy=0.12, bump=0.03, bump_scale=4.0,
        wear=0.25),
    "terracotta": Material(colour=linear(186, 112, 76), second=linear(160, 92, 64), grain="mottle", scale=1.5,
        contrast=0.7, rough=0.8, gloss=0.3, bump=0.05, bump_scale=6.0),
    "plaster": Material(colour=linear(226, 220, 208), rough=0.85, gloss=0.2, patchy=0.1, bump=0.04, bump_scale=4.0),
    "black enamel": Material(colour=linear(26, 26, 28), rough=0.16),
    "red enamel": Material(colour=linear(150, 30, 26), rough=0.16),
    "green enamel": Material(colour=linear(34, 84, 62), rough=0.16),
    "green velvet": Material(colour=linear(34, 82, 58), rough=0.9, gloss=0.0, sheen=2.2, bump=0.08, bump_scale=2.0),
    "red velvet": Material(colour=linear(124, 26, 32), rough=0.9, gloss=0.0, sheen=2.2, bump=0.08, bump_scale=2.0),
    "brown leather": Material(colour=linear(118, 66, 36), second=linear(72, 38, 22), grain="mottle", scale=1.5,
        contrast=0.7, rough=0.36, bump=0.10, bump_scale=12.0),
    "black leather": Material(colour=linear(34, 32, 32), second=linear(54, 48, 44), grain="mottle", scale=1.5,
        contrast=0.5, rough=0.34, bump=0.10, bump_scale=12.0),
    "linen": Material(colour=linear(206, 194, 168), second=linear(178, 164, 136), grain="weave", scale=1.0,
        contrast=0.8, rough=0.95, gloss=0.0, sheen=0.6),
    "opal": Material(colour=linear(240, 236, 226), rough=0.12, glow=(0.30, 0.27, 0.21)),
    "amber opal": Material(colour=linear(232, 170, 80), rough=0.12, glow=(0.42, 0.20, 0.05)),
    "rose opal": Material(colour=linear(232, 172, 166), rough=0.12, glow=(0.34, 0.17, 0.14)),
}  # fmt: skip

CLEARS: dict[str, Colour] = {
    "clear": (0.93, 0.97, 0.96), "amber": (0.80, 0.33, 0.03), "cobalt": (0.03, 0.08, 0.62), "emerald": (0.05, 0.55,
        0.22),
    "ruby": (0.65, 0.02, 0.04), "smoke": (0.30, 0.28, 0.27), "amethyst": (0.42, 0.13, 0.55),
}  # fmt: skip
GEM_COLOURS: dict[str, Colour] = {
    "ruby": (0.62, 0.02, 0.06), "sapphire": (0.03, 0.07, 0.45), "emerald": (0.02, 0.32, 0.12), "diamond": (0.82,
        0.85, 0.88),
    "citrine": (0.85, 0.50, 0.06), "amethyst": (0.30, 0.07, 0.45), "onyx": (0.015, 0.015, 0.018), "lapis": (0.03,
        0.06, 0.30),
    "carnelian": (0.50, 0.09, 0.03), "turquoise": (0.10, 0.50, 0.50), "coral": (0.72, 0.14, 0.08), "pearl": (0.80,
        0.76, 0.68),
    "amber": (0.62, 0.24, 0.02), "jade": (0.14, 0.38, 0.18),
}  # fmt: skip


def substance(word: str, die: random.Random, wear: float = 0.0, texture: Floats | None = None) -> Material:
    """The material for a cataloguer's word; a texture paints over its colour, wear stains, dulls and roughens it."""
    if word in CLEARS:
        return glass(word, die)
    body = BODIES[word]
    colour = shifted(body.colour, die)
    if body.grain == "wood":
        colour = dimmed(colour, 0.8)
    if texture is not None:
        body = replace(
            body, texture=texture, colour=(1.0, 1.0, 1.0), grain="crackle" if body.grain == "crackle" else ""
        )
        colour = (1.0, 1.0, 1.0)
    if body.metal:
        tarnish = wear * (0.9 if word in ("silver", "brass", "copper") else 0.5)
        return replace(body, colour=colour, wear=max(body.wear, tarnish), rough=min(0.6, body.rough + 0.12 * wear))
    return replace(
        body,
        colour=colour,
        wear=0.55 * wear,
        cracks=wear > 0.65 and word in CRACKS,
        rough=min(0.95, body.rough * (1 + 0.6 * wear)),
        scale=body.scale * die.uniform(0.8, 1.3),
    )


CRACKS = (
    "porcelain",
    "creamware",
    "celadon",
    "stoneware",
    "tenmoku",
    "oxblood",
    "earthenware",
    "plaster",
    "terracotta",
    "alabaster",
    "white marble",
)


def glass(word: str, die: random.Random, strength: float = 1.0) -> Material:
    """Clear glass of a colour; `strength` deepens it for thin walls."""
    power = strength * die.uniform(2.2, 4.0)
    red, green, blue = (max(0.02, channel) ** power for channel in CLEARS[word])
    return Material(glass=True, clear=(red, green, blue), colour=CLEARS[word])


def stone(word: str) -> Material:
    """A set stone: opaque to the tracer, but mirrored and deep enough to pass at a ring's size."""
    colour = GEM_COLOURS[word]
    if word in ("turquoise", "coral", "lapis", "onyx", "carnelian", "jade"):
        return Material(colour=colour, rough=0.12, grain="mottle", second=dimmed(colour, 0.6), scale=3.0, contrast=0.5)
    if word == "pearl":
        return Material(colour=colour, rough=0.16, sheen=0.7, gloss=1.4)
    red, green, blue = (min(1.0, 0.25 + 1.1 * c) * (0.35 + 0.65 * c) for c in colour)
    return Material(colour=(red, green, blue), metal=0.75, rough=0.04)


def picture_colours(image: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> Floats:
    """An sRGB picture (h, w, 3) uint8 as linear light, float32."""
    table = np.array([linear(v, v, v)[0] for v in range(256)], np.float32)
    return table[image]
