"""The sample catalogue: invented lots, their price model, and a small studio that photographs them."""
