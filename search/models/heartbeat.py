"""Signs of life of the parts of the system."""

from django.db import models


class Heartbeat(models.Model):
    """When a part of the system was last heard from."""

    name = models.CharField(max_length=50, unique=True)
    beat_at = models.DateTimeField()
    detail = models.JSONField(default=dict, blank=True)

    def __str__(self) -> str:
        return f"{self.name} at {self.beat_at:%H:%M:%S}"
