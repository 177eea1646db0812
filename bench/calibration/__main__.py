"""Measures what a likeness means under one network, and (--write) keeps it as what comes with the code."""

import argparse
import json
import os
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

import numpy as np  # noqa: E402  settings come before anything of ours
from django.conf import settings  # noqa: E402

from bench.calibration.photos import Photos, photos  # noqa: E402
from bench.calibration.prices import ranges  # noqa: E402
from bench.calibration.twins import certain_from, claims, twins  # noqa: E402
from search.encoder import load_encoder  # noqa: E402
from search.likeness.bands import COPY_BITS  # noqa: E402
from search.likeness.calibration import PRECISION, Fit, fit_pairs  # noqa: E402
from search.likeness.meaning import ALIKE, FIRST, LATER, Meaning, made, shipped  # noqa: E402
from search.likeness.meaning import SHIPPED as FILE  # noqa: E402
from search.likeness.pairs import Asked, ask  # noqa: E402

RATES = (0.05, 0.1, 0.2, 0.3)
FORMER = 0.35  # the cut-off, and the floor, before there was a calibration


def main() -> None:
    shared = Path(os.environ.get("HINDSIGHT_SHARED", settings.BASE_DIR.parent / "shared"))
    parser = argparse.ArgumentParser(prog="python -m bench.calibration", description=__doc__)
    parser.add_argument("encoder", nargs="?", default=settings.ENCODER, help="as the setting ENCODER")
    parser.add_argument("--data", type=Path, default=shared / "data", help="the folder with auction/, listings/ …")
    parser.add_argument("--quick", action="store_true", help="only the auction and the estate-like photos")
    parser.add_argument("--write", action="store_true", help=f"keep the curves in {FILE.name}")
    options = parser.parse_args()
    if not (options.data / "auction/items.csv").is_file():
        parser.error(f"no photos under {options.data}; set --data to a folder with auction/, listings/ and clothing/")
    encoder = load_encoder(options.encoder)
    auction = photos(encoder, options.data / "auction")
    estate = photos(encoder, options.data / "listings", lambda row: row["estate_like"] == "1")
    houses = {"auction": auction, "second-hand, estate-like": estate}
    strangers: dict[str, Photos] = {}
    if not options.quick:
        houses["second-hand, all"] = photos(encoder, options.data / "listings")
        strangers["garments"] = photos(encoder, options.data / "clothing")
        strangers["phones, tools, prams …"] = photos(
            encoder, options.data / "listings", lambda row: row["estate_like"] != "1"
        )
    fits = {name: _fitted(house) for name, house in houses.items()}
    together = _together([fits["auction"][0], fits["second-hand, estate-like"][0]], houses)
    print(f"# {encoder.name}\n\n## How true the probabilities are, on objects that the curves had not seen\n")
    _print_truth({name: fit for name, (_, fit) in fits.items()} | {"shipped: auction + estate-like": together})
    print("\n## Photos of things that were never sold: share that finds something, by FALSE_ALARM_RATE\n")
    _print_strangers(houses, strangers, fits)
    print("\n## This very photo, this very item\n")
    _print_claims(houses, fits, together)
    print("\n## Price ranges for left-out auction lots\n")
    _print_ranges(auction, _meaning(fits["auction"][1], together))
    if options.write:
        _write(encoder.name, together)


def _fitted(house: Photos) -> tuple[Asked, Fit]:
    vectors = house.vectors(settings.HEAD_DIM)
    asked = ask(vectors, house.objects, house.categories, {}, np.arange(len(vectors)))
    return asked, fit_pairs(asked.pairs, asked.strangers)


def _together(asked: list[Asked], houses: dict[str, Photos]) -> Fit:
    """What comes with the code: all pairs in one heap, and each claim at the strictest house's threshold."""
    pairs, strangers, shift = asked[0].pairs, asked[0].strangers, 0
    for more in asked[1:]:
        shift += 1_000_000  # objects of one house are none of another's
        moved = {**vars(more.pairs), "askers": more.pairs.askers + shift}
        pairs, strangers = pairs + type(pairs)(**moved), np.concatenate([strangers, more.strangers])
    nowhere = {**vars(pairs), "categories": np.full(len(pairs.cosines), -1)}  # another house has other categories
    found = [twins(house, house.vectors(settings.HEAD_DIM)) for house in houses.values()]
    certain = max(certain_from(each, PRECISION, COPY_BITS) for each in found)
    return fit_pairs(type(pairs)(**nowhere), strangers, certain=round(certain, 4))


def _meaning(fit: Fit, together: Fit) -> Meaning:
    return made(_as_json(together), fit.curves, fit.facts)


def _as_json(fit: Fit) -> dict[str, Any]:
    """As the file keeps it; a kind of which too few pairs were known is the default network's."""
    curves = {**shipped("")["curves"], **fit.curves}
    return {"curves": curves, "strangers": fit.facts["strangers"], "certain": fit.facts["certain"]}


def _print_truth(fits: dict[str, Fit]) -> None:
    print("| photos | probability of | pairs | true | Brier: isotonic | logistic | kept | calibration error |")
    print(f"|---{'|---' * 7}|")
    titles = {FIRST: "same object, first answer", LATER: "same object, later answers", ALIKE: "same kind"}
    for name, fit in fits.items():
        for kind, title in titles.items():
            facts = fit.facts[kind]
            if "method" in facts:
                errors = " | ".join(f"{error:.4f}" for error in facts["brier"].values())
                print(
                    f"| {name} | {title} | {facts['pairs']:,} | {facts['right']:,} | {errors} | {facts['method']} "
                    f"| {facts['calibration_error']:.3f} |"
                )
    print("\nReliability, promised → came true (pairs):\n")
    for name, fit in fits.items():
        for kind in (FIRST, ALIKE):
            bins = fit.facts[kind].get("reliability", [])
            line = ", ".join(f"{each['promised']:.2f} → {each['came_true']:.2f} ({each['count']:,})" for each in bins)
            print(f"- {name}, {titles[kind]}: {line}")


def _print_strangers(
    houses: dict[str, Photos], strangers: dict[str, Photos], fits: dict[str, tuple[Asked, Fit]]
) -> None:
    print(f"| catalogue | asked with | photos | {' | '.join(f'{rate:.0%}' for rate in RATES)} |")
    print(f"|---|---|---{'|---' * len(RATES)}|")
    for name in ("auction", "second-hand, estate-like"):
        head = _head(houses[name])
        held = head.project(houses[name].features)
        cutoffs = [float(np.quantile(fits[name][0].strangers, 1 - rate)) for rate in RATES]
        print(
            f"| {name} | *cut-off, from its own other categories* | | {' | '.join(f'{cut:.2f}' for cut in cutoffs)} |"
        )
        others = strangers | {
            other: houses[other] for other in ("auction", "second-hand, estate-like") if other != name
        }
        for other, asking in others.items():
            best = (head.project(asking.features) @ held.T).max(axis=1)
            print(
                f"| {name} | {other} | {len(best):,} | {' | '.join(f'{(best >= cut).mean():.0%}' for cut in cutoffs)} |"
            )


def _head(house: Photos) -> Any:
    from search.heads.whitening import WhiteningHead

    return WhiteningHead.fit(house.features, settings.HEAD_DIM)


def _print_claims(houses: dict[str, Photos], fits: dict[str, tuple[Asked, Fit]], together: Fit) -> None:
    print(f"Certain of the item from a cosine of {together.facts['certain']:.3f}.\n")
    print("| photos | claim | pairs | right | precision | recall |\n|---|---|---|---|---|---|")
    for name, house in houses.items():
        meaning = _meaning(fits[name][1], together)
        for label, claim in claims(twins(house, house.vectors(settings.HEAD_DIM)), meaning).items():
            print(
                f"| {name} | {label} | {claim.made:,} | {claim.right:,} | {claim.precision:.4f} | {claim.recall:.3f} |"
            )


def _print_ranges(auction: Photos, meaning: Meaning) -> None:
    print("| asked among | like from (best, others) | lots | nothing | range given | median error | inside | width |")
    print(f"|---{'|---' * 7}|")
    vectors = auction.vectors(settings.HEAD_DIM)
    for earlier in (False, True):
        for cutoff, floor in ((FORMER, FORMER), (meaning.cutoff, meaning.cutoff), (meaning.cutoff, meaning.floor)):
            got = ranges(auction, vectors, cutoff, floor, earlier=earlier)
            print(
                f"| {'earlier sales' if earlier else 'all other objects'} | {cutoff:.2f}, {floor:.2f} | {got.asked:,} "
                f"| {got.nothing:.0%} | {got.given:.0%} | {got.error:.2f} | {got.inside:.0%} | {got.width:.1f} |"
            )


def _write(encoder: str, fit: Fit) -> None:
    known = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    known[encoder] = _as_json(fit)
    FILE.write_text(json.dumps(known, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"\nWritten to {FILE}")


if __name__ == "__main__":
    main()
