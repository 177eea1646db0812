"""How good the answers are: questions whose answer is known, measures with their intervals, recipes side by side."""
