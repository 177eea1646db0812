"""What a rebuild costs: time and memory, all of it or only what is new."""
