"""The comparables sheet: what a range is computed from, and what a cataloguer makes of it."""
