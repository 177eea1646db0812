"""Imports of files: how their columns map, how far a run came, and what was wrong with which row."""

import uuid

from django.conf import settings
from django.db import models


class ImportProfile(models.Model):
    """How a file's columns map to ours: saved once, used for every file of that kind."""

    name = models.CharField(max_length=100, unique=True)
    columns = models.JSONField(default=dict, help_text='Our field to the file\'s header: {"title": "Title"}.')
    options = models.JSONField(default=dict, blank=True, help_text="Fixed values and rules for this kind of file.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ImportRun(models.Model):
    """One import of one file: what was asked, how far it came, and what was wrong with which row."""

    class State(models.TextChoices):
        DRAFT = "draft", "Being set up"
        PENDING = "pending", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    profile = models.CharField(max_length=100, blank=True)
    source_name = models.CharField("file", max_length=300, editable=False)
    source = models.FileField("file", upload_to="imports/", max_length=200)
    photos = models.FileField("photos, as a ZIP", upload_to="imports/", max_length=200, blank=True)
    photo_folder = models.CharField(max_length=500, blank=True, editable=False)
    fixed = models.JSONField("values for every row", default=dict, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True, editable=False, help_text="sha256 of file and choices.")
    dry_run = models.BooleanField(default=False, help_text="Only check the file; change nothing.")
    state = models.CharField(max_length=10, choices=State, default=State.PENDING, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    headers = models.JSONField(default=list, editable=False)
    rows_total = models.PositiveIntegerField(null=True, blank=True, editable=False)
    rows_done = models.PositiveIntegerField(default=0, editable=False)
    counts = models.JSONField(default=dict, editable=False)
    message = models.CharField(max_length=500, blank=True, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = "import"

    def __str__(self) -> str:
        return f"{self.source_name} ({self.get_state_display().lower()})"


class BadRow(models.Model):
    """What was wrong with one row of a file, or with a photo that belongs to no row; kept with the batch it was in."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="bad_rows")
    number = models.PositiveIntegerField(null=True, help_text="As a spreadsheet counts; none for a photo alone.")
    reason = models.TextField()
    cells = models.JSONField(default=list)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"row {self.number}: {self.reason}" if self.number else self.reason
