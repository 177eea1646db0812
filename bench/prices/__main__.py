"""Prints how near each way comes to hammer prices, on the auction data or (`sample`) the sample catalogue."""

import argparse
import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

import numpy as np  # noqa: E402  settings come before anything of ours
from django.conf import settings  # noqa: E402

from bench.calibration.photos import photos  # noqa: E402
from bench.prices.lots import Float64, Ints, Market, auction, folder_of, sample  # noqa: E402
from bench.prices.ways import (  # noqa: E402
    BOOSTED,
    FACTS,
    LEVELS,
    PHOTO,
    SIMPLE,
    Said,
    Sale,
    as_served,
    category_median,
    fitted,
    ours,
    sales,
)
from search.encoder import load_encoder  # noqa: E402
from search.likeness.meaning import cutoff_for, shipped  # noqa: E402

PROMISED = 0.8
NOISE_FLOOR = 0.33  # median |log ratio| of the same work sold twice, as the auction data's README says
FEWEST = 40  # lots of a category that is shown
HEADING = (
    "| way | known | ranges | refused | error | over category | ± 25 % | ± 50 % | 50 % held | 80 % | 90 % | width | "
    "over category's |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|"
)


def main() -> None:
    shared = Path(os.environ.get("HINDSIGHT_SHARED", settings.BASE_DIR.parent / "shared"))
    parser = argparse.ArgumentParser(prog="python -m bench.prices", description=__doc__)
    parser.add_argument("on", nargs="?", choices=("auction", "sample"), default="auction")
    parser.add_argument("--since", type=date.fromisoformat, help="ask about sales from this day on")
    parser.add_argument("--items", type=int, default=6_000, help="lots of the sample catalogue")
    parser.add_argument("--shared", type=Path, default=shared, help="the folder with data/auction")
    options = parser.parse_args()
    if options.on == "sample":
        _report(sample(options.items), options.since or date(2024, 1, 1), cutoff=None)
        return
    folder = folder_of(options.shared)
    if not (folder / "items.csv").is_file():
        parser.error(f"no auction data in {folder}; set --shared")
    encoder = load_encoder(settings.ENCODER)
    market = auction(photos(encoder, folder), settings.HEAD_DIM)
    cutoff = cutoff_for(shipped(encoder.name)["strangers"], settings.FALSE_ALARM_RATE)
    _report(market, options.since or date(2018, 7, 1), cutoff)


def _report(market: Market, since: date, cutoff: float | None) -> None:
    asked = sales(market, since)
    print(f"{sum(len(sale.asked) for sale in asked)} lots sold from {since} on, in {len(asked)} sales.\n\n{HEADING}")
    base, own = _joined([category_median(sale) for sale in asked]), _ours(asked, yearly=cutoff is None)
    places = np.concatenate([sale.asked for sale in asked])
    truth = market.logs[places]
    simple = {name: _joined([way(sale) for sale in asked]) for name, (_, way) in SIMPLE.items()}
    for name, said in simple.items():
        print(_row(name, SIMPLE[name][0], said, truth, base), flush=True)
    even = _evened(asked)
    print(_row("category quantiles, calibrated", "category", even, truth, base))
    for known, said in own.items():
        print(_row("**ours**", known, said, truth, base))
    halves = _halves(own[FACTS], simple[BOOSTED])
    print(_row("ours and boosted quantiles, halves", FACTS, halves, truth, base))
    if cutoff is not None:
        own["photo, as served"] = as_served(own[PHOTO], cutoff)
        print(_row("**ours**", "photo, as served", own["photo, as served"], truth, base))
    print("\nWithout lots whose object was offered before:\n")
    print(HEADING)
    new = np.concatenate([_new(market, sale) for sale in asked])
    for known, said in own.items():
        print(_row("ours", known, _kept(said, new), truth[new], _kept(base, new)))
    width = _width(even)
    print(f"\nRanges of category quantiles, calibrated as ours to hold what they promise: {width:.1f} wide.")
    for known, said in own.items():
        print(f"- {known}: {_width(said) / width:.0%} of that; refused {dict(said.why) or 'none'}.")
    print(f"\nThe same work sold twice differs by {NOISE_FLOOR} (median).\n")
    _by_category(market, places, own, truth, base)
    if cutoff is not None:
        _by_likeness(own, truth, base, cutoff)


def _ours(asked: Sequence[Sale], *, yearly: bool) -> dict[str, Said]:
    """The model is fitted anew for each sale, or for the first of each year."""
    found, model, year = [], None, None
    for sale in asked:
        if model is None or not yearly or sale.day.year != year:
            model, year = fitted(sale), sale.day.year
        found.append(ours(sale, model))
    return {known: _joined([each[known] for each in found]) for known in (PHOTO, FACTS)}


def _joined(parts: Sequence[Said]) -> Said:
    whole = parts[0]
    for part in parts[1:]:
        whole = whole.joined(part)
    return whole


def _halves(one: Said, other: Said) -> Said:
    """A blend, by its middle alone."""
    ends = {level: np.full((len(one.middle), 2), np.nan) for level in LEVELS}
    return Said((one.middle + other.middle) / 2, ends)


def _evened(asked: Sequence[Sale]) -> Said:
    """Category quantiles, widened by what they missed in the sales before: split-conformal, as CQR."""
    market = asked[0].market
    days = np.unique(market.days)
    first = days[len(days) // 4]
    every = sales(market, date.fromordinal(int(first)))
    said = [category_median(sale) for sale in every]
    out: list[Said] = []
    for number, sale in enumerate(every):
        if sale.day < asked[0].day or not number:
            continue
        own = said[number]
        for level in LEVELS:
            missed = np.concatenate([_missed(said[k], every[k], level) for k in range(number)])
            by = float(np.quantile(missed, level))
            own.ends[level] = own.ends[level] + np.array([-by, by])
        out.append(own)
    return _joined(out)


def _missed(said: Said, sale: Sale, level: float) -> Float64:
    truth, ends = sale.logs[sale.asked], said.ends[level]
    return np.maximum(ends[:, 0] - truth, truth - ends[:, 1])


def _new(market: Market, sale: Sale) -> np.ndarray:
    known = {lot.object for lot in market.lots[: sale.before] if lot.object}
    return np.array([market.lots[place].object not in known for place in sale.asked.tolist()])


def _kept(said: Said, where: np.ndarray) -> Said:
    return Said(said.middle[where], {level: ends[where] for level, ends in said.ends.items()}, said.why)


def _width(said: Said) -> float:
    """Median of high over low."""
    ends = said.ends[PROMISED]
    widths = ends[:, 1] - ends[:, 0]
    return float(np.exp(np.nanmedian(widths))) if np.isfinite(widths).any() else float("nan")


def _held(said: Said, truth: Float64, level: float) -> float:
    ends = said.ends[level]
    given = np.isfinite(ends[:, 0])
    rounding = 1e-6
    inside = (ends[given, 0] - rounding <= truth[given]) & (truth[given] <= ends[given, 1] + rounding)
    return float(inside.mean()) if given.any() else float("nan")


def _row(name: str, known: str, said: Said, truth: Float64, base: Said) -> str:
    """Errors are medians of |log ratio|; the category's is of the same lots."""
    given = np.isfinite(said.middle)
    out = np.abs(said.middle - truth)[given]
    over = float(np.median(out) / np.median(np.abs(base.middle - truth)[given]))
    ratio = np.abs(np.exp(said.middle - truth)[given] - 1)
    ends = np.isfinite(said.ends[PROMISED]).any()
    held = [f"{100 * _held(said, truth, level):.1f}" if ends else "" for level in LEVELS]
    width = [f"{_width(said):.1f}", f"{_width(said) / _width(base):.2f}"] if ends else ["", ""]
    cells = [
        *(name, known, f"{given.sum():,}", f"{(~given).sum():,}", f"{np.median(out):.3f}", f"{over:.2f}"),
        *(f"{(ratio <= 0.25).mean():.0%}", f"{(ratio <= 0.5).mean():.0%}", *held, *width),
    ]
    return f"| {' | '.join(cells)} |"


def _by_category(market: Market, places: Ints, own: dict[str, Said], truth: Float64, base: Said) -> None:
    categories = np.array([market.lots[place].facts.category for place in places.tolist()])
    print("| category | known | lots | ranges | error | over category | 80 % held | width |")
    print(f"|---{'|---' * 7}|")
    for category, count in zip(*np.unique(categories, return_counts=True), strict=True):
        if count < FEWEST:
            continue
        for known, said in own.items():
            mine = _kept(said, categories == category)
            theirs, true = _kept(base, categories == category), truth[categories == category]
            cells = _row("", known, mine, true, theirs).split(" | ")
            line = (market.names[int(category)], known, f"{count}", cells[2], cells[4], cells[5], cells[9], cells[11])
            print(f"| {' | '.join(line)} |")


def _by_likeness(own: dict[str, Said], truth: Float64, base: Said, cutoff: float) -> None:
    """Whether search would say that nothing like it was sold: then only who types what it is gets a range."""
    print(f"\nBy whether the search calls anything similar (best likeness from {cutoff:.2f} on):\n\n{HEADING}")
    for known in (PHOTO, FACTS):
        said = own[known]
        assert said.likeness is not None
        for name, where in (("similar", said.likeness >= cutoff), ("nothing similar", said.likeness < cutoff)):
            if where.any():
                print(_row(f"ours, {name}", known, _kept(said, where), truth[where], _kept(base, where)))


if __name__ == "__main__":
    main()
