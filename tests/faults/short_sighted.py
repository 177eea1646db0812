"""The site's settings with a broker that takes a job for lost after two seconds, whoever is still at it."""

from config.settings import *  # noqa: F403
from config.settings import WORKER_TRANSPORT_OPTIONS as PATIENT

CELERY_VISIBILITY_TIMEOUT = 2
WORKER_TRANSPORT_OPTIONS = PATIENT | {"visibility_timeout": 2, "unacked_restore_interval": 1}
