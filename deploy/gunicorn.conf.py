"""The web server: gunicorn with threads. nginx stands before it in production and takes in slow bodies."""

import gc
import logging
import os
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from gunicorn.http.errors import ParseException

from config import allocator, env

bind = env.text("WEB_BIND", "0.0.0.0:8000")
workers = env.integer("WEB_WORKERS", 2, minimum=1, maximum=64)
threads = env.integer("WEB_THREADS", 8, minimum=1, maximum=64)
worker_class = "gthread"
timeout = 30
graceful_timeout = 25
keepalive = 5
max_requests = 2000
max_requests_jitter = 200
limit_request_line = 8190  # as nginx, which says so to whoever sends more; here his form would go unread
limit_request_fields = 50
preload_app = False  # each process maps the index itself, and a network does not survive a fork
forwarded_allow_ips = env.text("FORWARDED_ALLOW_IPS", "127.0.0.1")
control_socket_disable = True
accesslog = None  # nginx writes it
if env.text("LOG_FORMAT", "json" if env.flag("PRODUCTION", False) else "line", choices=("json", "line")) == "json":
    logconfig_dict = {
        "formatters": {"json": {"()": "catalog.logs.JsonFormatter"}},
        "handlers": {"json": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["json"], "level": "INFO"},
        "loggers": {"gunicorn.error": {"handlers": ["json"], "level": "INFO", "propagate": False}},
    }


def _metrics_folder() -> Path:
    """Where the processes of one web server count together: nobody else's, and one for each address."""
    folder = Path(tempfile.gettempdir()) / f"hindsight-metrics-{os.getuid()}-{bind.replace('/', '_')}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder if folder.stat().st_uid == os.getuid() else Path(tempfile.mkdtemp(prefix="hindsight-metrics-"))


if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:  # before anybody imports prometheus_client
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(_metrics_folder())


# As the settings do, which are read only after torch was imported for the fork.
env.hold_libraries_to(env.integer("ENCODER_THREADS", 1, minimum=1, maximum=256))

# Objects that are made before Python looks for garbage, and how often it looks through older ones (its own: 700, 10,
# 10). A page makes tens of thousands, nearly all of which go by themselves (config/templating.py): looking took a tenth
# of its time. Much more rarely, and one look holds everybody up for a tenth of a second.
RARELY = (10_000, 50, 20)


def on_starting(server: Any) -> None:
    """Counts begin anew with the server; not with one that takes over from another (USR2), which still counts."""
    if not os.environ.get("GUNICORN_PID"):
        for left in Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]).glob("*.db"):
            left.unlink(missing_ok=True)
    if workers > 1:
        _import_torch()


def _import_torch() -> None:
    """Before the processes are forked: the 120 MB that it takes are then there once (python -m bench.processes).

    Only that, and nothing of ours: HUP has to find new code, and a network on a GPU does not survive a fork.
    """
    import search.encoders.torchvision_ops  # noqa: F401 - torch and torchvision

    gc.collect()
    gc.freeze()  # what is never collected is never written to, and stays shared


def child_exit(server: Any, worker: Any) -> None:
    from catalog.metrics import retire

    retire(Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]), worker.pid)


def worker_exit(server: Any, worker: Any) -> None:
    """In the process that ends: its last minute is for the status page too. One that never got going has none."""
    if sampling := sys.modules.get("search.operating.sampling"):
        sampling.SamplingMiddleware.meter.write_last()


# What is heard of a form after its answer: more than nginx sends before it looks whether there is one (2 MB).
LONGEST_HEARING = (64 << 20, 5.0)  # bytes, seconds


def post_request(worker: Any, request: Any, environ: dict[str, Any], answer: Any) -> None:
    """Whoever is sent away must be heard to the end: a connection that is closed on unread bytes is reset, and where
    nginx is still sending then, it says 502 in place of what we answered."""
    left, until = LONGEST_HEARING[0], time.monotonic() + LONGEST_HEARING[1]
    with suppress(OSError, ParseException):  # nobody is there any more, or what comes is no form
        environ["gunicorn.socket"].settimeout(LONGEST_HEARING[1])
        while left > 0 and time.monotonic() < until and (heard := request.body.read(1 << 16)):
            left -= len(heard)


def post_worker_init(worker: Any) -> None:
    """Load the network in the background: the first page comes at once, the first search soon after."""
    gc.set_threshold(*RARELY)
    allocator.hold_together()
    threading.Thread(target=_look_after_memory, name="memory", daemon=True).start()


def _look_after_memory() -> None:
    _warm_up()
    allocator.give_back_for_ever()  # loading alone leaves 60 MB


def _warm_up() -> None:
    from search.encoder import EncoderError, load_encoder  # only now is Django ready

    try:
        load_encoder()
    except EncoderError as error:
        logging.getLogger("gunicorn.error").critical("No search by photo: %s", error)
    gc.collect()
    gc.freeze()  # what was loaded stays: to look through it all would take a tenth of a second, again and again
