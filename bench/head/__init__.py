"""What a trained head is worth, beside whitening, stock features and the write-up's recipe: `python -m bench.head`."""
