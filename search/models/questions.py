"""What people ask with photos, and the enquiries that come of it."""

import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone


class QueryQuerySet(models.QuerySet["Query"]):
    def alive(self) -> Self:
        now = timezone.now()
        lasts = Q(expires_at__isnull=True) | Q(expires_at__gt=now)
        return self.filter(lasts, ~_copied_from_seller() | Exists(_originals(now)))

    def ended(self, now: datetime) -> Self:
        """What has had its time, or whose enquiry was deleted; and copies of a seller's question that has ended."""
        deleted = Q(kind=Query.Kind.SELLER, expires_at=None, enquiry=None)
        return self.filter(Q(expires_at__lte=now) | deleted | (_copied_from_seller() & ~Exists(_originals(now))))

    def of_staff(self, *, enquiries: bool) -> Self:
        """What staff may open: each other's questions and, if so wished, those that sellers have sent in."""
        theirs = Q(kind=Query.Kind.STAFF)
        return self.filter(theirs | Q(enquiry__isnull=False) if enquiries else theirs)

    def asked_by(self, user: User) -> Self:
        """What this person asked, the newest first, with photos."""
        return self.filter(kind=Query.Kind.STAFF, owner=user).prefetch_related("photos").order_by("-created_at")


def _copied_from_seller() -> Q:
    return Q(kind=Query.Kind.STAFF, from_seller=True)


def _originals(now: datetime) -> QueryQuerySet:
    """Of a copy: the seller's question, while the seller lets us have it."""
    lasts = Q(expires_at__gt=now) | Q(expires_at=None, enquiry__isnull=False)
    return Query.objects.filter(lasts, key=OuterRef("copied_from"))


class Query(models.Model):
    """A question that somebody asked with photos; its key makes the shareable address of the answer."""

    class Kind(models.TextChoices):
        STAFF = "staff", "Staff"
        SELLER = "seller", "Seller"

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=6, choices=Kind)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)
    words = models.CharField(max_length=500, blank=True)
    from_seller = models.BooleanField(
        default=False, help_text="A seller's photos are in it: its own, or those of a question that it was copied from."
    )
    copied_from = models.UUIDField(
        null=True, blank=True, editable=False, help_text="The key of the seller's question that this copy ends with."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True, db_index=True, help_text="Empty: kept for an enquiry.")

    objects = QueryQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name_plural = "queries"
        constraints = [models.CheckConstraint(condition=Q(kind__in=["staff", "seller"]), name="query_kind_known")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} query of {self.created_at:%-d %B %Y, %H:%M}"

    def get_absolute_url(self) -> str:
        return reverse("results" if self.kind == self.Kind.STAFF else "seller-answer", args=[self.key])


class QueryPhoto(models.Model):
    """A photo that somebody asked with; it goes when its query expires."""

    query = models.ForeignKey(Query, models.CASCADE, related_name="photos")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    position = models.PositiveSmallIntegerField(default=0)
    file = models.FileField(max_length=100)
    sha256 = models.CharField(max_length=64)
    phash = models.CharField(max_length=16)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    crop = models.JSONField(null=True, blank=True, help_text="[left, top, right, bottom] as shares of 0 to 1.")
    encoder = models.CharField(max_length=100, blank=True)
    vector = models.BinaryField(blank=True, help_text="float16, little-endian: the features of the cropped photo.")

    class Meta:
        ordering = ["position", "pk"]
        indexes = [models.Index(fields=["sha256", "encoder"], name="query_photo_seen")]

    def __str__(self) -> str:
        return f"Photo {self.position + 1} of a {self.query}"


class Enquiry(models.Model):
    """A seller who asks the specialists to look."""

    class State(models.TextChoices):
        NEW = "new", "New"
        IN_WORK = "in_work", "In work"
        ANSWERED = "answered", "Answered"
        CLOSED = "closed", "Closed"

    query = models.OneToOneField(Query, models.SET_NULL, null=True, related_name="enquiry")
    name = models.CharField(max_length=200)
    email = models.EmailField()
    phone = models.CharField(max_length=50, blank=True)
    message = models.TextField(blank=True, max_length=4000)
    answer_shown = models.JSONField(default=dict, help_text="The range or refusal that the seller saw.")
    state = models.CharField(max_length=10, choices=State, default=State.NEW, db_index=True)
    handled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)
    note = models.TextField("internal note", blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at"]
        verbose_name_plural = "enquiries"

    def __str__(self) -> str:
        return f"{self.name}, {self.created_at:%-d %B %Y}"


class UploadTally(models.Model):
    """When one visitor of the public page uploaded lately; who it was is only a hash whose salt changes each day."""

    key = models.CharField(max_length=64, unique=True)
    uploads = models.JSONField(default=list, help_text="Seconds since 1970, oldest first.")
    last_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{len(self.uploads)} uploads up to {self.last_at:%H:%M:%S}"
