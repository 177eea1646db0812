"""One module a family of networks; the only modules that import torch at their head."""
