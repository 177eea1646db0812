"""The worker: when and where the work runs."""

from django.apps import AppConfig


class WorkerConfig(AppConfig):
    name = "worker"
