"""The heads: features to what is searched; which one serves, and what a new build takes over."""
