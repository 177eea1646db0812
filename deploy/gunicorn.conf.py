"""The web server: gunicorn with threads. nginx stands before it in production and takes in slow bodies."""

import logging
import threading
from typing import Any

from config import env

bind = env.text("WEB_BIND", "0.0.0.0:8000")
workers = env.integer("WEB_WORKERS", 2, minimum=1, maximum=64)
threads = env.integer("WEB_THREADS", 4, minimum=1, maximum=64)
worker_class = "gthread"
timeout = 30
graceful_timeout = 25
keepalive = 5
max_requests = 2000
max_requests_jitter = 200
limit_request_line = 4094
limit_request_fields = 50
preload_app = False  # each process maps the index itself, and a network does not survive a fork
forwarded_allow_ips = env.text("FORWARDED_ALLOW_IPS", "127.0.0.1")
control_socket_disable = True
accesslog = None  # nginx writes it


def post_worker_init(worker: Any) -> None:
    """Load the network in the background: the first page comes at once, the first search soon after."""
    threading.Thread(target=_warm_up, name="warm-up", daemon=True).start()


def _warm_up() -> None:
    from search.encoder import EncoderError, load_encoder  # only now is Django ready

    try:
        load_encoder()
    except EncoderError as error:
        logging.getLogger("gunicorn.error").critical("No search by photo: %s", error)
