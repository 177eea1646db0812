"""The painter's canvas size and colours."""

import colorsys

SIDE = 560


Paint = tuple[int, int, int]


def tone(h: float, s: float, v: float) -> Paint:
    r, g, b = colorsys.hsv_to_rgb(h % 1, min(1, max(0, s)), min(1, max(0, v)))
    return int(r * 255), int(g * 255), int(b * 255)


def lighter(colour: Paint) -> Paint:
    return min(255, colour[0] * 3 // 2), min(255, colour[1] * 3 // 2), min(255, colour[2] * 3 // 2)
