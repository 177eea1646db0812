"""How the house ran: a few numbers a minute, kept for the status page."""

from django.db import models


class Measurement(models.Model):
    """One number at one time, such as how many photos wait; old ones are swept."""

    name = models.CharField(max_length=80)
    taken_at = models.DateTimeField(auto_now_add=True)
    value = models.FloatField()

    class Meta:
        ordering = ["taken_at"]
        indexes = [models.Index(fields=["name", "taken_at"], name="measurement_by_name")]
        permissions = [("watch_status", "Sees how the house runs")]

    def __str__(self) -> str:
        return f"{self.name} {self.value:g} at {self.taken_at:%H:%M:%S}"
