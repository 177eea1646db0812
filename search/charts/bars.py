"""Where columns, their scale and their words stand in a drawing of amounts by period.

Distances are per cent of the drawing's width and height, so that it is drawn at any size with its text at full size.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil

from search.charts.strip import Tick, percent, round_step

SIDE, TOP, BOTTOM = 1.0, 8.0, 2.0  # per cent kept free left and right, above and below
FULL = 0.68  # how much of its place a column fills
NOTHING = 1e-9  # of whatever is drawn: what is less has no scale
MOST_LABELS = 6


@dataclass(frozen=True, slots=True)
class Column:
    """One period: the whole column, the part of it that is strong, and a mark at the year before."""

    x: str
    width: str
    y: str
    height: str
    strong_y: str
    strong_height: str
    middle: str
    before: str  # where the mark stands, or nothing
    title: str


@dataclass(frozen=True, slots=True)
class Bars:
    columns: list[Column]
    scale: list[Tick]  # from the foot up
    names: list[Tick]  # from left to right, as many as have room


@dataclass(frozen=True, slots=True)
class Amount:
    """What a column is drawn of."""

    name: str
    whole: float
    strong: float  # of the whole; the same where nothing is parted
    before: float | None  # of the strong part, a year earlier
    title: str


def bars(amounts: Sequence[Amount], written: Callable[[float], str], *, whole: bool = False) -> Bars:
    """Columns on a scale from nought to a round figure above the largest; `written` makes the scale's labels.

    `whole` where things are counted.
    """
    highest = max([each.whole for each in amounts] + [each.before or 0 for each in amounts], default=0)
    step = round_step(highest, whole=whole) if highest >= NOTHING else 1.0
    most = step * max(1, ceil(highest / step - 1e-9))

    def down(amount: float) -> float:
        return TOP + (100 - TOP - BOTTOM) * (1 - amount / most)

    room = (100 - 2 * SIDE) / max(len(amounts), 1)
    columns = []
    for place, each in enumerate(amounts):
        left = SIDE + room * (place + (1 - FULL) / 2)
        columns.append(
            Column(
                x=percent(left),
                width=percent(room * FULL),
                y=percent(down(each.whole)),
                height=percent(down(0) - down(each.whole)),
                strong_y=percent(down(each.strong)),
                strong_height=percent(down(0) - down(each.strong)),
                middle=percent(left + room * FULL / 2),
                before="" if each.before is None else percent(down(each.before)),
                title=each.title,
            )
        )
    scale = [Tick(percent(down(step * number)), written(step * number)) for number in range(round(most / step) + 1)]
    every = ceil(len(amounts) / MOST_LABELS)
    names = [Tick(column.middle, each.name) for column, each in list(zip(columns, amounts, strict=True))[::every]]
    return Bars(columns, scale, names)
