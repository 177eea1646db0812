"""How long each step of a search takes, at two sizes, and what its index costs beside the write-up's."""
