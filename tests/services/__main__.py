"""`python -m tests.services …`: pytest with the given arguments, on PostgreSQL, Redis and S3 through settings alone."""

import os
import subprocess
import sys

from tests.services.servers import PostgresServer, RedisServer, S3Server


def main(arguments: list[str]) -> int:
    with PostgresServer() as postgres, RedisServer() as redis, S3Server() as s3:
        environment = {
            **os.environ,
            "DATABASE_URL": postgres.url,
            "REDIS_URL": redis.url,
            "CACHE_URL": redis.url.replace("/0", "/1"),
            **s3.environment,
        }
        environment.pop("HINDSIGHT_TEST_DIR", None)  # a run of its own
        return subprocess.run([sys.executable, "-m", "pytest", *arguments], env=environment).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
