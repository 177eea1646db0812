"""Which features, pooled how, of which input, joined and whitened how: `python -m bench.choices`."""
