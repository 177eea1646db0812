"""What staff say of results, and which items are one object."""
