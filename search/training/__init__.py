"""Learning on the house's own catalogue; with the encoders the only modules that import torch at their head."""
