"""British English, with a clock of 24 hours."""
