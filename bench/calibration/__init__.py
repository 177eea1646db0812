"""What a likeness is worth on real photos: `python -m bench.calibration`."""
