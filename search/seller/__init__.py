"""The seller's page: what a stranger may send, how much of it, and what he is told."""
