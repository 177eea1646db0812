"""`python -m tests.services …`: pytest with the given arguments, on real servers through settings alone.

PostgreSQL for SQLite, Redis for the embedded broker and the cache's table.
"""

import os
import subprocess
import sys
from contextlib import ExitStack

from tests.services.servers import PostgresServer, RedisServer


def main(arguments: list[str]) -> int:
    with ExitStack() as servers:
        redis = servers.enter_context(RedisServer())
        environment = {
            **os.environ,
            "DATABASE_URL": servers.enter_context(PostgresServer()).url,
            "REDIS_URL": redis.url,
            "CACHE_URL": redis.url.replace("/0", "/1"),
            "STATEMENT_SECONDS": "60",  # the machine may be busy with other tests
        }
        environment.pop("HINDSIGHT_TEST_DIR", None)  # a run of its own
        return subprocess.run([sys.executable, "-m", "pytest", *arguments], env=environment).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
