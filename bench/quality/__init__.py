"""How good the answers are, beside simpler and older recipes: `python -m bench.quality`."""
