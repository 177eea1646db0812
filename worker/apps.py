"""The worker: when and where the work runs."""

from django.apps import AppConfig


class WorkerConfig(AppConfig):
    name = "worker"

    def ready(self) -> None:
        from worker import following, signals  # noqa: F401  (the models are loaded only now)
