"""What prices are estimated with, how that did, and what was estimated."""

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse

from catalog.models import Item
from search.models.index import IndexBuild
from search.models.questions import Query


class PriceModel(models.Model):
    """What a price range is computed with beside the comparables: fitted on the house's sales, never changed after."""

    name = models.CharField(max_length=100, unique=True, help_text="Of the method, with the digest of its numbers.")
    method = models.CharField(max_length=60)
    encoder = models.CharField(max_length=100, blank=True)
    head = models.CharField(max_length=100, blank=True)
    currency = models.CharField(max_length=3)
    lots = models.PositiveIntegerField(help_text="Sold and unsold lots that it was fitted on.")
    first_sale = models.DateField(null=True)
    last_sale = models.DateField(null=True)
    data = models.JSONField(help_text="Every number of it; money as text.")
    digest = models.CharField(max_length=64, help_text="sha256 of the data.")
    report = models.JSONField(default=dict, blank=True)
    fitted_at = models.DateTimeField(auto_now_add=True)
    is_serving = models.BooleanField(default=False)

    class Meta:
        ordering = ["-fitted_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["currency"], condition=Q(is_serving=True), name="one_serving_price_model_a_currency"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Kept once; afterwards only whether it serves may change, so that what it was fitted on stays on record."""
        if not self._state.adding and set(kwargs.get("update_fields") or ["everything"]) != {"is_serving"}:
            raise ValueError(f"The price model {self.name} was fitted once and is never changed: fit a new one.")
        super().save(*args, **kwargs)


class BackTest(models.Model):
    """How price ranges would have done on past sales, each lot estimated only from what was sold before it."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    ran_at = models.DateTimeField(auto_now_add=True, db_index=True)
    seconds = models.FloatField(default=0)
    encoder = models.CharField(max_length=100, blank=True)
    head = models.CharField(max_length=100, blank=True)
    build = models.ForeignKey(IndexBuild, models.SET_NULL, null=True, blank=True, related_name="back_tests")
    method = models.CharField(max_length=60)
    currency = models.CharField(max_length=3)
    coverage = models.FloatField(help_text="What the ranges promise, 0 to 1.")
    lots = models.PositiveIntegerField(help_text="Sold lots that were asked about.")
    first_sale = models.DateField(null=True)
    last_sale = models.DateField(null=True)
    report = models.JSONField(default=dict)

    class Meta:
        ordering = ["-ran_at"]
        get_latest_by = "ran_at"

    def __str__(self) -> str:
        return f"{self.method}, {self.lots} lots, {self.ran_at:%-d %B %Y, %H:%M}"


class Appraisal(models.Model):
    """The range that an item's comparables support, beside the cataloguer's own; made anew when either moves."""

    class Verdict(models.TextChoices):
        NONE = "none", "No range"
        UNSTATED = "unstated", "No estimate of ours"
        INSIDE = "inside", "Within the range"
        OUTSIDE = "outside", "Outside the range"
        FAR = "far", "Far outside the range"

    item = models.OneToOneField(Item, models.CASCADE, related_name="appraisal")
    low = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    middle = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    high = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    currency = models.CharField(max_length=3)
    coverage = models.FloatField(default=0.8)
    comparables = models.PositiveSmallIntegerField(default=0)
    refusal = models.CharField(max_length=40, blank=True, help_text="Why there is no range.")
    verdict = models.CharField(max_length=10, choices=Verdict, default=Verdict.NONE, db_index=True)
    distance = models.FloatField(default=1, db_index=True, help_text="Times that our estimate lies beyond the range.")
    sold_before = models.ForeignKey(Item, models.SET_NULL, null=True, blank=True, related_name="+")
    price_model = models.CharField(max_length=100, blank=True)
    item_version = models.PositiveIntegerField(default=0, help_text="The item as it was then.")
    stamp = models.CharField(
        max_length=120, blank=True, help_text="Of build, model and facts: it is made anew when that moves."
    )
    made_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-made_at"]
        permissions = [("watch_estimates", "Sees which estimates are far from the comparables")]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()}: {self.item}"


class WorkfileQuerySet(models.QuerySet["Workfile"]):
    def about(self, question: Query | Item) -> Self:
        """Of an item of ours, or of a question; the newest first."""
        if isinstance(question, Item):
            return self.filter(item_id=question.pk)
        return self.filter(item_id__isnull=True, query_key=question.key)


class Workfile(models.Model):
    """An estimate as it was made: comparables with their facts, method, models, who and when. Never changed after.

    Whom and what it tells of are numbers and copied words, not links: it outlives them.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    item_id = models.BigIntegerField(null=True, db_index=True)
    query_key = models.UUIDField(null=True, db_index=True)
    number = models.PositiveIntegerField(help_text="1 is the first of this item or question.")
    title = models.CharField(max_length=500)
    author_id = models.BigIntegerField(null=True)
    author = models.CharField(max_length=150)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    note = models.TextField(blank=True, max_length=4000)
    frozen = models.JSONField(help_text="All that the range is computed from, and the range; money as text.")
    digest = models.CharField(max_length=64, help_text="sha256 of what is frozen.")

    objects = WorkfileQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["item_id", "number"], condition=Q(item_id__isnull=False), name="workfile_number_of_an_item"
            ),
            models.UniqueConstraint(
                fields=["query_key", "number"],
                condition=Q(item_id__isnull=True),
                name="workfile_number_of_a_question",
            ),
        ]

    def __str__(self) -> str:
        return f"Workfile {self.number}: {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("workfile", args=[self.key])


class WorkfilePhoto(models.Model):
    """A photo as it was when the workfile was saved: a copy of its own, so that it stays when the question goes."""

    workfile = models.ForeignKey(Workfile, models.PROTECT, related_name="photos")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    position = models.PositiveSmallIntegerField(default=0)
    comparable = models.BigIntegerField(null=True, help_text="The comparable's item; none for the thing itself.")
    file = models.FileField(max_length=100)
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return f"Photo {self.position + 1} of {self.workfile}"
