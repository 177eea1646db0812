"""A small plot with two logarithmic axes as SVG, readable on light and dark ground."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT = 860, 460
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 190, 48, 52
_LABEL_HEIGHT = 16
# Okabe and Ito's colours, which colour-blind readers tell apart, in a darker and a lighter shade; shapes say it again.
_COLOURS = (
    ("#b3470a", "#ff9d5c"), ("#005f99", "#63bdf2"), ("#5a5a5a", "#b9b9b9"), ("#1c1c1c", "#f2f2f2"),
    ("#00734f", "#3fd3a4"), ("#8a6500", "#efc13d"), ("#8a6500", "#efc13d"), ("#a03a78", "#f0a3d0"),
    ("#4b3fa8", "#b1a8ff"), ("#a51d1d", "#ff8f8f"),
)  # fmt: skip
_SHAPES = ("circle", "square", "diamond", "triangle")


@dataclass(frozen=True)
class Tick:
    value: float
    label: str


@dataclass(frozen=True)
class Series:
    """Points (x, y) > 0 in the order in which they are joined; `look` keeps its colour and shape in every plot."""

    name: str
    look: int
    points: Sequence[tuple[float, float]]
    bold: bool = False


@dataclass(frozen=True)
class Axis:
    """`turned`: small values lie right (or above)."""

    title: str
    ticks: Sequence[Tick]
    turned: bool = False

    def place(self, value: float) -> float:
        """0 at the axis' beginning, 1 at its end."""
        low, high = math.log(self.ticks[0].value), math.log(self.ticks[-1].value)
        share = (math.log(value) - low) / (high - low)
        return 1 - share if self.turned else share


def plot(title: str, x: Axis, y: Axis, series: Sequence[Series]) -> str:
    """The whole SVG. Points beyond the axes lie on the border."""
    parts = [_head(title), *_grid(x, y)]
    ends = []
    for each in series:
        places = [_spot(x, y, *point) for point in each.points]
        parts.append(_line(each, places))
        parts.extend(_mark(each.look, *place) for place in places)
        ends.append((each, places[-1]))
    parts.extend(_labels(ends))
    return "\n".join([*parts, "</svg>\n"])


def _head(title: str) -> str:
    light = "".join(f".c{n}{{--c:{colour}}}" for n, (colour, _) in enumerate(_COLOURS))
    dark = "".join(f".c{n}{{--c:{colour}}}" for n, (_, colour) in enumerate(_COLOURS))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">'
        f"<title>{escape(title)}</title><style>"
        "svg{--ground:#fff;--ink:#222;--faint:#ddd;font:13px system-ui,sans-serif}"
        f"{light}@media (prefers-color-scheme:dark){{svg{{--ground:#161719;--ink:#e6e6e6;--faint:#3a3b3e}}{dark}}}"
        "text{fill:var(--ink)}.grid{stroke:var(--faint)}.line{fill:none;stroke:var(--c);stroke-width:1.6}"
        ".bold{stroke-width:3.4}.mark{fill:var(--c)}.name{fill:var(--c);font-weight:600}"
        ".lead{stroke:var(--c);stroke-width:.8;stroke-dasharray:2 3}</style>"
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="var(--ground)"/>'
        f'<text x="{_LEFT}" y="26" font-size="16" font-weight="600">{escape(title)}</text>'
    )


def _grid(x: Axis, y: Axis) -> list[str]:
    parts, bottom, right = [], _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    for tick in x.ticks:
        at = _across(x.place(tick.value))
        parts.append(f'<line class="grid" x1="{at:.1f}" x2="{at:.1f}" y1="{_TOP}" y2="{bottom}"/>')
        parts.append(f'<text x="{at:.1f}" y="{bottom + 18}" text-anchor="middle">{escape(tick.label)}</text>')
    for tick in y.ticks:
        at = _up(y.place(tick.value))
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{right}" y1="{at:.1f}" y2="{at:.1f}"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{escape(tick.label)}</text>')
    middle = (_LEFT + right) / 2
    parts.append(f'<text x="{middle}" y="{_HEIGHT - 12}" text-anchor="middle">{escape(x.title)}</text>')
    upright = f'transform="rotate(-90 16 {(_TOP + bottom) / 2})"'
    parts.append(f'<text x="16" y="{(_TOP + bottom) / 2}" text-anchor="middle" {upright}>{escape(y.title)}</text>')
    return parts


def _line(series: Series, places: Sequence[tuple[float, float]]) -> str:
    path = " ".join(f"{across:.1f},{up:.1f}" for across, up in places)
    weight = " bold" if series.bold else ""
    return f'<polyline class="line{weight} c{series.look % len(_COLOURS)}" points="{path}"/>'


def _mark(look: int, across: float, up: float) -> str:
    drawn = {
        "circle": f'<circle cx="{across:.1f}" cy="{up:.1f}" r="4"',
        "square": f'<rect x="{across - 3.5:.1f}" y="{up - 3.5:.1f}" width="7" height="7"',
        "diamond": f'<path d="M{across:.1f} {up - 5:.1f}l5 5l-5 5l-5 -5z"',
        "triangle": f'<path d="M{across:.1f} {up - 5:.1f}l5 9h-10z"',
    }[_SHAPES[look % len(_SHAPES)]]
    return f'{drawn} class="mark c{look % len(_COLOURS)}"/>'


def _labels(ends: Sequence[tuple[Series, tuple[float, float]]]) -> list[str]:
    """Names right of the plot, at the height of their lines' ends but never upon each other."""
    parts, lowest, right = [], float(_TOP), _WIDTH - _RIGHT
    room = len(ends)
    for each, (across, up) in sorted(ends, key=lambda end: end[1][1]):
        # Never so low that those after it would leave the picture.
        at = max(lowest, min(up, _HEIGHT - _BOTTOM - _LABEL_HEIGHT * (room - 1)))
        look = f"c{each.look % len(_COLOURS)}"
        parts.append(
            f'<line class="lead {look}" x1="{across + 7:.1f}" y1="{up:.1f}" x2="{right + 16}" y2="{at:.1f}"/>'
            f"<g>{_mark(each.look, right + 22, at)}</g>"
            f'<text class="name {look}" x="{right + 32}" y="{at + 4:.1f}">{escape(each.name)}</text>'
        )
        lowest, room = at + _LABEL_HEIGHT, room - 1
    return parts


def _spot(x: Axis, y: Axis, across: float, up: float) -> tuple[float, float]:
    return _across(min(1, max(0, x.place(across)))), _up(min(1, max(0, y.place(up))))


def _across(share: float) -> float:
    return _LEFT + share * (_WIDTH - _RIGHT - _LEFT)


def _up(share: float) -> float:
    return _HEIGHT - _BOTTOM - share * (_HEIGHT - _BOTTOM - _TOP)
