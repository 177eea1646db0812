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
from collections.abc import Sequence

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
        lines = asyncio.run(_all(house, small, large, options))
    print("\n| what | target | measured | kept |\n|---|---|---|---|")
    for line in lines:
        print(f"| {line.what} | {line.target} | {line.measured} | {'yes' if line.kept else '**no**'} |")
    return 0 if all(line.kept for line in lines) else 1


async def _all(house: House, small: Sequence[bytes], large: Sequence[bytes], options: argparse.Namespace) -> list[Line]:
    lines: list[Line] = []
    if options.minutes:
        return await rounds.soak(house, small, options.minutes)
    for name in options.rounds:
        print(f"… {name}", flush=True)
        match name:
            case "search":
                lines.append(await rounds.two_searches(house, small, options.seconds))
            case "similar":
                lines += await rounds.similar_items(house, options.seconds)
            case "upload":
                lines.append(await rounds.one_upload_after_another(house, large, options.seconds))
            case "uploads":
                lines += await rounds.many_uploads_at_once(house, large)
            case "overload":
                lines += await rounds.overload(house, small, options.seconds)
            case "slow":
                lines += await rounds.slow_clients(house)
    return lines


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
