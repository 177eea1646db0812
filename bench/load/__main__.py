"""`python -m bench.load`: whether the house keeps its promises with 100,000 photos, as a table of target and measured.

nginx, gunicorn with deploy/gunicorn.conf.py, PostgreSQL, Redis and one worker, all on this machine, as are those who
ask: what they cost is part of every figure. `--minutes 30` is the soak, and nothing else.
"""

import argparse
import asyncio
import os
import platform
import signal
import sys
from collections.abc import Iterator, Sequence

from bench.load import rounds
from bench.load.house import House
from bench.load.rounds import Line
from bench.load.stock import SIDE, jpeg_of, rendered

ROUNDS = ("search", "similar", "upload", "uploads", "overload", "slow")


def main() -> int:
    options = _options()
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))  # so that the servers end with us
    small = [jpeg_of(path, SIDE, 3 * SIDE // 4) for path in rendered(8)]
    large = [jpeg_of(path, 4000, 3000) for path in rendered(4)]
    print(
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, load before {os.getloadavg()[0]:.1f}; "
        f"{options.workers} web processes of {options.threads} threads; photos of {len(small[0]) / 1e6:.1f} MB "
        f"(searches) and {len(large[0]) / 1e6:.1f} MB (uploads)",
        flush=True,
    )
    with House(options.photos, options.encoder, options.workers, options.threads) as house:
        print("\n| what | target | measured | kept |\n|---|---|---|---|", flush=True)
        kept = [_told(line) for line in _lines(house, small, large, options)]
        return 0 if all(kept) else 1


def _told(line: Line) -> bool:
    print(f"| {line.what} | {line.target} | {line.measured} | {'yes' if line.kept else '**no**'} |", flush=True)
    return line.kept


def _lines(house: House, small: Sequence[bytes], large: Sequence[bytes], options: argparse.Namespace) -> Iterator[Line]:
    """Round by round; one that can't go on is told as a line, and the next one begins."""
    for name in ["soak"] if options.minutes else options.rounds:
        try:
            yield from asyncio.run(_round(name, house, small, large, options))
        except (AssertionError, OSError, KeyError, ValueError) as failure:
            yield Line(name, "to go on", f"{type(failure).__name__}: {str(failure)[:200]}", False)


async def _round(
    name: str, house: House, small: Sequence[bytes], large: Sequence[bytes], options: argparse.Namespace
) -> list[Line]:
    match name:
        case "search":
            return [await rounds.two_searches(house, small, options.seconds)]
        case "similar":
            return await rounds.similar_items(house, options.seconds)
        case "upload":
            return [await rounds.one_upload_after_another(house, large, options.seconds)]
        case "uploads":
            return await rounds.many_uploads_at_once(house, large)
        case "overload":
            return await rounds.overload(house, small, options.seconds)
        case "slow":
            return await rounds.slow_clients(house)
        case _:
            return await rounds.soak(house, small, options.minutes)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("--photos", type=int, default=100_000)
    parser.add_argument("--encoder", default="strong")
    parser.add_argument("--workers", type=int, default=2, help="web processes")
    parser.add_argument("--threads", type=int, default=8, help="of each")
    parser.add_argument("--seconds", type=float, default=30, help="that a round lasts")
    parser.add_argument("--rounds", nargs="+", choices=ROUNDS, default=list(ROUNDS))
    parser.add_argument("--minutes", type=float, default=0, help="soak for so long instead")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
