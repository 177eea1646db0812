"""What the index is made from and what came of it: features of photos, builds, and how much a build finds."""

from django.db import models
from django.db.models import Q

from catalog.models import Photo


class Feature(models.Model):
    """What one encoder saw in one photo: the truth from which every index is made."""

    photo = models.ForeignKey(Photo, models.CASCADE, related_name="features")
    encoder = models.CharField(max_length=100)
    vector = models.BinaryField(help_text="float16, little-endian, as many numbers as the encoder gives.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["photo", "encoder"], name="feature_once_a_photo_and_encoder")]
        indexes = [models.Index(fields=["encoder", "id"], name="feature_by_encoder")]

    def __str__(self) -> str:
        return f"{self.encoder} of photo {self.photo_id}"


class IndexBuild(models.Model):
    """One build of the index: an immutable directory under INDEX_DIR, and how it came about."""

    class State(models.TextChoices):
        BUILDING = "building", "Building"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"
        RETIRED = "retired", "Retired"

    GOOD = (State.READY, State.RETIRED)  # it was verified; a retired one's files are gone

    build_id = models.CharField(max_length=64, unique=True)
    engine = models.CharField(max_length=20)
    encoder = models.CharField(max_length=100)
    head = models.CharField(max_length=100, blank=True)
    photo_count = models.PositiveIntegerField(default=0)
    max_feature_id = models.BigIntegerField(default=0, help_text="Features up to this one are in the build.")
    state = models.CharField(max_length=10, choices=State, default=State.BUILDING)
    is_current = models.BooleanField(default=False)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)
    manifest = models.JSONField(default=dict, blank=True)
    head_up_to = models.BigIntegerField(default=0, help_text="A whitening head has seen features up to this one.")
    effort = models.JSONField(default=dict, blank=True, help_text="Search settings that a recall check has raised.")
    withdrawn_at = models.DateTimeField(null=True, blank=True, help_text="When the house went back to another build.")

    class Meta:
        ordering = ["-started_at"]
        permissions = [("watch_index", "Is told when the index needs looking after")]
        constraints = [
            models.UniqueConstraint(fields=["is_current"], condition=Q(is_current=True), name="one_current_index")
        ]

    def __str__(self) -> str:
        return self.build_id


class RecallCheck(models.Model):
    """How many of the exact nearest photos a build found for a sample of its own, and how long both ways took."""

    build = models.ForeignKey(IndexBuild, models.CASCADE, related_name="recall_checks")
    checked_at = models.DateTimeField(auto_now_add=True)
    queries = models.PositiveIntegerField(help_text="How many stored photos were asked about.")
    k = models.PositiveSmallIntegerField(default=20)
    mean = models.FloatField(help_text="Share of the exact k nearest that were found, 0 to 1.")
    fifth_percentile = models.FloatField(help_text="What 95 questions in 100 reach or exceed, 0 to 1.")
    approximate_ms = models.FloatField(help_text="Median time of an approximate answer.")
    exact_ms = models.FloatField(help_text="Median time of an exact answer.")
    effort = models.JSONField(default=dict, blank=True, help_text="The engine's search settings that were measured.")

    class Meta:
        ordering = ["-checked_at"]
        get_latest_by = "checked_at"

    def __str__(self) -> str:
        return f"recall@{self.k} {self.mean:.3f} of {self.build_id}"
