"""The contest as Markdown tables."""

import math
from collections.abc import Mapping, Sequence

from bench.crowd import Crowd
from bench.index.curve import RECALLS, at_recall
from bench.index.result import Result
from bench.index.sets import SELECTIVITIES


def crowds(real: Mapping[int, Crowd], blown_up: Mapping[int, Crowd]) -> str:
    """How hard the real set is at growing sizes, and how hard the blown-up ones are."""
    rows = [(f"{size:,} real photos", found) for size, found in real.items()]
    rows += [(f"{size:,} blown up", found) for size, found in blown_up.items()]
    return table(
        ["set", "cosine of rank 1", "of rank 20", "mean distance / rank 1", "rank 20 / rank 1", "intrinsic dimension"],
        [
            [name, f"{c.first:.3f}", f"{c.twentieth:.3f}", f"{c.contrast:.2f}", f"{c.spread:.3f}", f"{c.dimension:.1f}"]
            for name, c in rows
        ],
    )


def contests(results: Sequence[Result]) -> str:
    """One row an index and size, at the least effort that finds 99 %, else at the one that finds most."""
    heads = ["photos", "index", "effort", "recall@20", "p5", "p50 / p95 / p99, ms", "core ms, p50 / p95"]
    heads += [
        "a second, 1 client",
        "8 clients",
        "build, s (core)",
        "MB on disk",
        "+ matrix",
        "MB resident",
        "start, ms",
    ]
    return table(heads, [_contest(each) for each in results])


def _contest(each: Result) -> list[str]:
    if each.failed:
        return [f"{each.size:,}", each.rival, each.failed, *[""] * 11]
    point = each.chosen
    return [
        f"{each.size:,}",
        f"{each.rival}, {each.setup}",
        f"{each.effort:,}",
        f"{point.recall:.3f}",
        f"{point.recall_p5:.2f}",
        f"{short(point.p50)} / {short(point.p95)} / {short(point.p99)}",
        f"{short(point.core_p50)} / {short(point.core_p95)}",
        f"{each.clients['1']:,.0f}",
        f"{each.clients['8']:,.0f}",
        f"{each.build_s:,.1f} ({each.build_core_s:,.1f})",
        f"{each.bytes / 1e6:,.1f}",
        "yes" if each.uses_matrix else "no",
        f"{each.resident / 1e6:,.0f}",
        f"{1000 * each.first_answer_s:,.0f}",
    ]


def equal_recall(results: Sequence[Result]) -> str:
    """Processor milliseconds a query at the same recall, by index and size."""
    sizes = sorted({each.size for each in results})
    heads = ["index", *(f"{size:,}: at {recall:g}" for size in sizes for recall in RECALLS)]
    rows = []
    for name in dict.fromkeys(each.rival for each in results):
        own = {each.size: each for each in results if each.rival == name and not each.failed}
        rows.append([name, *(_cost(own.get(size), recall) for size in sizes for recall in RECALLS)])
    return table(heads, rows)


def _cost(result: Result | None, recall: float) -> str:
    if result is None:
        return ""
    cost = at_recall(result.points, recall)
    return "not reached" if cost is None else short(cost)


def filtered(results: Sequence[Result]) -> str:
    """Recall and wall time (p50 / p95) under filters that let a share of the photos through."""
    heads = ["photos", "index", *(f"{100 * share:g} % pass" for share in SELECTIVITIES)]
    rows = [
        [
            f"{each.size:,}",
            each.rival,
            *(f"{f['recall']:.3f}, {short(f['p50'])} / {short(f['p95'])}" for f in each.filters),
        ]
        for each in results
        if each.filters
    ]
    return table(heads, rows)


def fresh(results: Sequence[Result]) -> str:
    """How soon an added photo is found and a deleted one is gone."""
    rows = [
        [f"{each.size:,}", each.rival, *(_soon(each.fresh[key], each) for key in ("add_ms", "delete_ms"))]
        for each in results
        if not each.failed
    ]
    return table(["photos", "index", "added and found, ms", "deleted and gone, ms"], rows)


def _soon(milliseconds: float | None, each: Result) -> str:
    if milliseconds is None:
        return f"after a build of {each.build_s:,.1f} s"
    return "never" if math.isinf(milliseconds) else short(milliseconds)


def short(milliseconds: float) -> str:
    """Three figures at most, and no more than two places."""
    return f"{milliseconds:.2f}" if milliseconds < 10 else f"{milliseconds:,.0f}"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
