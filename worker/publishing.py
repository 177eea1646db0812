"""Telling the workers that there is something to do, without ever keeping anybody waiting for the broker."""

import logging
from typing import Any

from celery import Task
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from catalog.breaker import Breaker

logger = logging.getLogger(__name__)
breaker = Breaker()


def publish(task: Task[..., Any], *args: Any) -> bool:
    """Send the task if the broker takes it at once; else False, and the reconciler finds the work in the database."""
    if breaker.is_open:
        return False
    try:
        task.apply_async(args=args)
    except (KombuError, RedisError, OSError) as error:
        if breaker.trip():
            logger.warning("The broker can't be reached (%s); the reconciler will deliver.", error)
        return False
    return True
