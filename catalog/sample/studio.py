"""Where things are photographed: paper sweeps, tables, floors and walls."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from catalog.sample.columns import Floats
from catalog.sample.dice import dice
from catalog.sample.material import Colour, Material, dimmed
from catalog.sample.mesh import Mesh, grid
from catalog.sample.stage import Part

REACH = 7.0


def _spread(count: int, reach: float = REACH, pull: float = 4.4, centre: float = 0.0) -> Floats:
    """Places from -reach to reach, crowded about the centre, where the shadows of the thing fall."""
    s = np.linspace(-1, 1, count)
    return np.asarray(centre + reach * np.sinh(pull * s) / np.sinh(pull), np.float32)


def _floor(back: float) -> Mesh:
    x, y = np.meshgrid(_spread(60), _spread(60), indexing="ij")
    y = np.where(y > 0, y * (back / REACH), y)
    return grid(np.stack([x, y, np.zeros_like(x)], -1), np.stack([x, y], -1))


def _wall(y: float, low: float = 0.0, high: float = 7.0, centre: float = 0.0) -> Mesh:
    x, z = np.meshgrid(
        _spread(48), np.linspace(low, high, 30) if not centre else _spread(48, centre=centre), indexing="ij"
    )
    mesh = grid(np.stack([x, np.full_like(x, y), z], -1), np.stack([x, z], -1))
    return replace(mesh, normals=np.tile(np.array([0, -1, 0], np.float32), (len(mesh.points), 1)))


def _sweep(back: float, radius: float = 1.4) -> Mesh:
    """Seamless paper: floor, a wide curve, wall."""
    s = np.concatenate([_spread(60)[:30], np.linspace(0, 1, 26)[1:] ** 1.4 * back])
    angle = np.linspace(0, np.pi / 2, 12)[1:]
    y = np.concatenate([s, back + radius * np.sin(angle), np.full(6, back + radius)])
    z = np.concatenate([np.zeros_like(s), radius * (1 - np.cos(angle)), np.linspace(radius + 0.4, 7, 6)])
    x = _spread(60)
    points = np.stack(np.broadcast_arrays(x[:, None], y[None], z[None]), -1)
    return grid(points, points[..., :2])


def _ground(colour: Colour, **more: object) -> Material:
    return Material(colour=colour, backdrop=True, gloss=0.0, rough=0.9, **more)  # type: ignore[arg-type]


PAPERS: tuple[Colour, ...] = (
    (0.50, 0.50, 0.49), (0.72, 0.72, 0.71), (0.24, 0.25, 0.27), (0.40, 0.37, 0.33), (0.12, 0.135, 0.16),
    (0.22, 0.27, 0.29), (0.44, 0.39, 0.34), (0.05, 0.055, 0.06), (0.30, 0.21, 0.15), (0.58, 0.55, 0.49),
)  # fmt: skip
WALLS: tuple[Colour, ...] = (
    (0.52, 0.50, 0.47), (0.42, 0.42, 0.41), (0.30, 0.32, 0.31), (0.20, 0.23, 0.25), (0.44, 0.38, 0.31), (0.24, 0.15,
        0.12),
)  # fmt: skip
WOODS: tuple[tuple[Colour, Colour], ...] = (
    ((0.36, 0.21, 0.11), (0.20, 0.10, 0.05)), ((0.50, 0.35, 0.20), (0.34, 0.21, 0.11)),
    ((0.16, 0.085, 0.05), (0.07, 0.035, 0.02)), ((0.58, 0.47, 0.34), (0.44, 0.33, 0.22)),
)  # fmt: skip
CLOTHS: tuple[Colour, ...] = (
    (0.10, 0.015, 0.02),
    (0.02, 0.03, 0.07),
    (0.55, 0.52, 0.46),
    (0.03, 0.06, 0.045),
    (0.24, 0.24, 0.25),
)


def paper(words: str) -> list[Part]:
    die = dice("paper", words)
    return [Part(_sweep(die.uniform(1.0, 1.8)), _ground(die.choice(PAPERS), patchy=0.0))]


def _planks(die_words: str, gloss: float) -> Material:
    die = dice("planks", die_words)
    first, second = die.choice(WOODS)
    return Material(
        colour=first, second=second, grain="planks", axis=0, scale=die.uniform(0.5, 0.8), contrast=0.8,
            rough=die.uniform(0.3, 0.5),
        gloss=gloss, bump=0.015, bump_scale=2.0, backdrop=True,
    )  # fmt: skip


def table(words: str) -> list[Part]:
    die = dice("table", words)
    wall = _ground(die.choice(WALLS), patchy=0.1, bump=0.05, bump_scale=2.0)
    back = die.uniform(0.9, 1.5)
    return [Part(_floor(back), _planks(words, 0.8)), Part(_wall(die.uniform(2.4, 3.4), -3.0), wall)]


def room(words: str) -> list[Part]:
    die = dice("room", words)
    back = die.uniform(0.62, 1.0)
    floor = die.choice(["boards", "boards", "carpet", "concrete"])
    if floor == "boards":
        ground = _planks(words, 0.5)
    elif floor == "carpet":
        tone = die.choice([(0.32, 0.30, 0.28), (0.17, 0.19, 0.22), (0.30, 0.12, 0.10)])
        ground = _ground(
            tone,
            grain="speckle",
            second=dimmed(tone, 0.6),
            scale=6.0,
            contrast=0.5,
            bump=0.12,
            bump_scale=14.0,
        )
    else:
        ground = _ground(
            (0.42, 0.41, 0.39), grain="mottle", second=(0.33, 0.32, 0.30), scale=0.7, contrast=0.5, patchy=0.1
        )
    tone = die.choice(WALLS)
    wall = _ground(tone, bump=0.05, bump_scale=2.5, patchy=0.1)
    parts = [Part(_floor(back), ground), Part(_wall(back), wall)]
    if die.random() < 0.6:
        from_wall = grid(_skirting(back, die.uniform(0.07, 0.12)))
        parts.append(Part(from_wall, Material(colour=(0.68, 0.67, 0.64), backdrop=True, rough=0.35)))
    return parts


def _skirting(back: float, height: float) -> Floats:
    line = np.array(
        [
            (back - 0.03, 0),
            (back - 0.03, height * 0.7),
            (back - 0.022, height * 0.86),
            (back - 0.012, height),
            (back, height),
        ]
    )
    x = np.linspace(-REACH, REACH, 24)
    return np.stack(np.broadcast_arrays(x[:, None], line[None, :, 0], line[None, :, 1]), -1).astype(np.float32)


def hung(words: str) -> list[Part]:
    die = dice("hung", words)
    return [Part(_wall(0.03, centre=0.5), _ground(die.choice(WALLS), bump=0.06, bump_scale=2.5, patchy=0.1))]


def cloth(words: str) -> list[Part]:
    die = dice("cloth", words)
    tone = die.choice(CLOTHS)
    weave = {"grain": "weave", "second": dimmed(tone, 0.72), "scale": die.uniform(0.6, 1.0), "contrast": 0.6}
    if die.random() < 0.4:
        weave = {}
    return [Part(_sweep(die.uniform(1.6, 2.4)), _ground(tone, sheen=1.6, bump=0.10, bump_scale=0.9, **weave))]


def slate(words: str) -> list[Part]:
    die = dice("slate", words)
    if die.random() < 0.5:
        stone = Material(
            colour=(0.62, 0.61, 0.6),
            grain="marble",
            second=(0.3, 0.3, 0.31),
            scale=0.5,
            contrast=0.7,
            rough=0.25,
            backdrop=True,
        )
    else:
        stone = _ground(
            (0.11, 0.115, 0.12),
            grain="mottle",
            second=(0.16, 0.16, 0.165),
            scale=1.2,
            contrast=0.6,
            bump=0.1,
            bump_scale=5.0,
        )
    back = die.uniform(1.4, 2.2)
    return [Part(_floor(back), stone), Part(_wall(back, -1.0), _ground(die.choice(WALLS), bump=0.03, bump_scale=1.2))]


def floor(words: str) -> list[Part]:
    """Boards, concrete or stone under a rug; no wall near."""
    die = dice("floor", words)
    if die.random() < 0.55:
        return [Part(_floor(7.0), _planks(words, 0.5))]
    tone = die.choice([(0.42, 0.41, 0.39), (0.30, 0.29, 0.27), (0.55, 0.53, 0.49)])
    darker = dimmed(tone, 0.75)
    return [
        Part(
            _floor(7.0),
            _ground(
                tone, grain="mottle", second=darker, scale=0.7, contrast=0.6, patchy=0.1, bump=0.05, bump_scale=4.0
            ),
        )
    ]


SETS: dict[str, Callable[[str], list[Part]]] = {
    "paper": paper, "table": table, "room": room, "hung": hung, "cloth": cloth, "slate": slate, "floor": floor,
}  # fmt: skip
