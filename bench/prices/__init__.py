"""How near estimates come to hammer prices and how often ranges hold, beside simpler ways, walking forward in time."""
