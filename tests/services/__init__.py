"""Real servers for the tests: Redis, PostgreSQL and S3, each on loopback and gone afterwards."""
