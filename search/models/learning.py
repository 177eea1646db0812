"""What the house has taught the search: heads, networks, calibrations, judgements, and how good each proved."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from catalog.models import Item, Photo
from search.models.questions import QueryPhoto


class Standing(models.TextChoices):
    """Where something that was learned stands; of each kind one serves."""

    CANDIDATE = "candidate", "Candidate"
    SERVING = "serving", "Serving"
    RETIRED = "retired", "Retired"


class TrainedHead(models.Model):
    """A head that was trained on the house's own catalogue: its bytes, what it learned from, what it was better at."""

    name = models.CharField(max_length=100, unique=True)
    encoder = models.CharField(max_length=100, help_text="The network whose features it projects.")
    content = models.BinaryField(help_text="The head as `Head.save` writes it.")
    standing = models.CharField(max_length=10, choices=Standing, default=Standing.CANDIDATE)
    seed = models.PositiveIntegerField(default=0)
    learned_from = models.JSONField(default=dict, help_text="Counts and digest of the data, settings, epochs, seconds.")
    report = models.JSONField(default=dict, help_text="The comparison with what served, on held-out objects.")
    trained_at = models.DateTimeField(auto_now_add=True)
    promoted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-trained_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["encoder"], condition=Q(standing="serving"), name="one_serving_head_an_encoder"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Network(models.Model):
    """A network that was fine-tuned on the house's own photos: an encoder of a name of its own."""

    name = models.CharField(max_length=100, unique=True, help_text="The encoder's name, as features carry it.")
    base = models.CharField(max_length=100, help_text="The ENCODER setting that it started from.")
    file = models.CharField(max_length=200, help_text="Its weights, under WEIGHTS_DIR.")
    sha256 = models.CharField(max_length=64)
    standing = models.CharField(max_length=10, choices=Standing, default=Standing.CANDIDATE)
    seed = models.PositiveIntegerField(default=0)
    learned_from = models.JSONField(default=dict)
    report = models.JSONField(default=dict)
    trained_at = models.DateTimeField(auto_now_add=True)
    promoted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-trained_at"]
        constraints = [
            models.UniqueConstraint(fields=["standing"], condition=Q(standing="serving"), name="one_serving_network")
        ]

    def __str__(self) -> str:
        return self.name


class Calibration(models.Model):
    """What a likeness means under one head: curves from cosine to probability, fitted on known pairs."""

    encoder = models.CharField(max_length=100)
    head = models.CharField(max_length=100)
    curves = models.JSONField(help_text="By kind (same, alike) and category: knots of the curve.")
    cutoff = models.FloatField(help_text="The cosine below which nothing counts as similar.")
    false_alarms = models.FloatField(help_text="Share of photos of what was never sold that still find something.")
    facts = models.JSONField(default=dict, help_text="How many pairs, of which kinds; errors; the reliability diagram.")
    fitted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-fitted_at"]
        get_latest_by = "fitted_at"
        indexes = [models.Index(fields=["encoder", "head", "-fitted_at"], name="calibration_by_head")]

    def __str__(self) -> str:
        return f"{self.head}, {self.fitted_at:%-d %B %Y}"


class Judgement(models.Model):
    """What a member of staff said of one result: the same object, alike, or not alike."""

    class Verdict(models.TextChoices):
        SAME = "same", "The same"
        ALIKE = "alike", "Alike"
        NOT_ALIKE = "not_alike", "Not alike"

    query_photo = models.ForeignKey(QueryPhoto, models.SET_NULL, null=True, blank=True, related_name="judgements")
    query_item = models.ForeignKey(Item, models.CASCADE, null=True, blank=True, related_name="judged_as_query")
    asked = models.UUIDField(null=True, blank=True, help_text="The question's key; it outlives the question.")
    item = models.ForeignKey(Item, models.CASCADE, related_name="judgements")
    photo = models.ForeignKey(Photo, models.SET_NULL, null=True, blank=True, help_text="The photo that was shown.")
    verdict = models.CharField(max_length=10, choices=Verdict)
    likeness = models.FloatField(help_text="The cosine at which the item was found.")
    encoder = models.CharField(max_length=100)
    head = models.CharField(max_length=100, blank=True)
    build = models.CharField(max_length=64, blank=True)
    vector = models.BinaryField(blank=True, help_text="Raw features of the question's photo, float16: for training.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(
                fields=["asked", "item", "by"], condition=Q(asked__isnull=False), name="one_judgement_a_question"
            ),
            models.UniqueConstraint(
                fields=["query_item", "item", "by"], condition=Q(query_item__isnull=False), name="one_judgement_a_pair"
            ),
            models.CheckConstraint(
                condition=Q(asked__isnull=False) | Q(query_item__isnull=False), name="judgement_of_a_question_or_item"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()}: {self.item}"


class Evaluation(models.Model):
    """One run of `manage.py evaluate`: how good the search is, by recipe and category, with its intervals."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    at = models.DateTimeField(auto_now_add=True)
    encoder = models.CharField(max_length=100)
    head = models.CharField(max_length=100)
    dataset = models.CharField(max_length=100, help_text="What was asked: the house's own catalogue, or a bench set.")
    rows = models.JSONField(help_text="One a recipe: its measures, with bootstrap intervals, time and bytes.")
    by_category = models.JSONField(default=list)
    facts = models.JSONField(default=dict, help_text="Objects, photos, seed, versions, seconds.")

    class Meta:
        ordering = ["-at"]
        get_latest_by = "at"

    def __str__(self) -> str:
        return f"{self.dataset}, {self.at:%-d %B %Y, %H:%M}"
