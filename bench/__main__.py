"""`python -m bench` runs every bench, the quick ones first; `python -m bench search --options` runs one of them."""

import subprocess
import sys

BENCHES = (
    "embed",
    "batching",
    "search",
    "repeated",
    "fresh",
    "restart",
    "processes",
    "filters",
    "quality",
    "choices",
    "head",
    "calibration",
    "attribution",
    "rebuild",
    "swap",
    "index",
    "backup",
)


def main(words: list[str]) -> int:
    chosen, options = ((words[0],), words[1:]) if words else (BENCHES, [])
    if unknown := set(chosen) - set(BENCHES):
        print(f"There is no bench called {', '.join(unknown)}. There are: {', '.join(BENCHES)}.", file=sys.stderr)
        return 2
    # Each in a process of its own: what one has loaded or warmed must not help the next.
    return max(subprocess.call([sys.executable, "-m", f"bench.{name}", *options]) for name in chosen)  # noqa: S603


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
