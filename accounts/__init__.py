"""Accounts: who comes in, by which door, for how long, and who may let others in."""
