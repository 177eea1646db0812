"""One command saves the house, one brings it back: database, photos and weights, each with its checksum."""
