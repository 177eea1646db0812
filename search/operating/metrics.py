"""What a web process counts of its work, for Prometheus and for the status page."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from time import perf_counter

from django.http import HttpRequest, HttpResponseBase
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from catalog.metrics import READ, held
from search.answer import Answer
from search.pricing import Estimate, Refusal

_SECONDS = (0.005, 0.01, 0.02, 0.035, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0, 1.5, 2.5, 5.0, 10.0, 30.0)

STEPS = Histogram("hindsight_step_seconds", "How long each step of an answer took.", ["step"], buckets=_SECONDS)
ANSWERS = Counter(
    "hindsight_answers",
    "Answers by what asked (photo, item or seller) and what came of it (found, nothing or failed).",
    ["kind", "outcome"],
)
OPENED = Counter("hindsight_results_opened", "Items that were opened from an answer.", ["kind"])
RANGES = Counter("hindsight_ranges", "Price ranges of answers: given, or the code of the refusal.", ["outcome"])
RESPONSES = Counter("hindsight_responses", "Responses by class of their status.", ["status"])
REQUESTS = Histogram("hindsight_request_seconds", "How long requests took, by page.", ["page"], buckets=_SECONDS)
SHED = Counter("hindsight_shed", "Searches by photo that were sent away because too many waited.")
TOGETHER = Histogram(
    "hindsight_embedded_together",
    "Photos of questions that the network saw at once.",
    buckets=(1, 2, 3, 4, 6, 8, 12, 16),
)
INSIDE = Gauge(
    "hindsight_searches_inside", "Searches by photo that are being worked on now.", multiprocess_mode="livesum"
)
COUNTED = (STEPS, ANSWERS, OPENED, RANGES, RESPONSES, REQUESTS, SHED, TOGETHER, READ)


def answered(kind: str, answer: Answer, took: Mapping[str, float], result: Estimate | Refusal | None = None) -> None:
    """Count an answer; `took` is milliseconds a step."""
    ANSWERS.labels(kind, "found" if answer.matches else "nothing").inc()
    for step, milliseconds in took.items():
        STEPS.labels(step).observe(milliseconds / 1000)
    if result is not None:
        RANGES.labels(result.code if isinstance(result, Refusal) else "given").inc()


def exposition(state: Collector) -> bytes:
    """Everything in Prometheus' text format: of all web processes, and what `state` reads just now."""
    registry = CollectorRegistry()
    registry.register(state)
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if not folder:
        return generate_latest(REGISTRY) + generate_latest(registry)
    MultiProcessCollector(registry, folder)
    with held(Path(folder)):
        return generate_latest(registry)


class MetricsMiddleware:
    """Counts each response and how long it took. Pages of the admin count as one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = perf_counter()
        response = self._get_response(request)
        match = request.resolver_match
        page = (match.namespace or match.url_name or "unnamed") if match else "none"
        REQUESTS.labels(page).observe(perf_counter() - began)
        if page != "readyz":  # its 503 tells a machine to wait; nobody's request failed
            RESPONSES.labels(f"{response.status_code // 100}xx").inc()
        return response
