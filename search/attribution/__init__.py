"""What a thing is, by a vote of the items most like it."""
