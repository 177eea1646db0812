"""What was sold: categories, sales, items and their photos, in the words that auction software uses."""

import uuid
from typing import Any, Self

from django.conf import settings
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now
from simple_history.models import HistoricalRecords

from catalog.addresses import beginning_of
from catalog.lots import natural_key
from catalog.money import format_amount


class StaleItem(Exception):
    """Somebody else saved the item after this copy of it was read."""

    def __init__(self, item: "Item") -> None:
        super().__init__(f"{item} was changed by somebody else in the meantime.")
        self.item = item


class Category(models.Model):
    """What kind of thing it is: Ceramics, Furniture …"""

    name = models.CharField(max_length=100, unique=True)
    slug = models.SlugField(max_length=100, unique=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    history = HistoricalRecords()

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "categories"
        constraints = [models.CheckConstraint(condition=~Q(parent=F("id")), name="category_not_its_own_parent")]

    def __str__(self) -> str:
        return self.name


class Sale(models.Model):
    """One auction or estate sale."""

    code = models.CharField("sale number", max_length=50, unique=True)
    title = models.CharField(max_length=200, blank=True)
    held_on = models.DateField("date", db_index=True)
    currency = models.CharField(max_length=3, default=settings.CURRENCY, validators=[RegexValidator("^[A-Z]{3}$")])
    premium_percent = models.DecimalField(
        "buyer's premium, %", max_digits=5, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    history = HistoricalRecords()

    class Meta:
        ordering = ["-held_on", "code"]
        constraints = [
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="sale_currency_is_a_code"),
            models.CheckConstraint(
                condition=Q(premium_percent__isnull=True) | Q(premium_percent__gte=0), name="sale_premium_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title or self.code} ({self.held_on:%-d %B %Y})"


class ItemQuerySet(models.QuerySet["Item"]):
    def sold(self) -> Self:
        return self.filter(status=Item.Status.SOLD)

    def offered(self) -> Self:
        """Sold or passed: what a sale has given evidence about."""
        return self.filter(status__in=[Item.Status.SOLD, Item.Status.PASSED])

    def searchable(self) -> Self:
        """What may be shown as an answer: not a draft, not withdrawn, not taken out of search."""
        return self.exclude(status__in=Item.HIDDEN).filter(excluded_from_search=False)

    def with_photos(self) -> Self:
        """The item's sale, category and photos, in order, without a query for each."""
        return self.select_related("sale", "category").prefetch_related("photos")

    def with_intact_photos(self) -> Self:
        """As `with_photos`, for whoever shows them: without those whose file is lost."""
        photos = models.Prefetch("photos", Photo.objects.intact())
        return self.select_related("sale", "category").prefetch_related(photos)

    def same_object_as(self, item: "Item") -> Self:
        """The object's other appearances: earlier and later sales, other copies of the edition; the newest first."""
        return self.filter(object_key=item.object_key).exclude(pk=item.pk) if item.object_key else self.none()

    def as_outcomes(self) -> Self:
        """With their sales, and no more of each than what came of it: half as dear as whole items."""
        of_sale = ("sale__title", "sale__code", "sale__held_on")
        return self.select_related("sale").only("lot", "status", "hammer", "total", "currency", *of_sale)

    def with_a_photo_of_another(self) -> Self:
        """What was probably offered before: a photo of the same perceptual hash stands under another item too."""
        elsewhere = Photo.objects.filter(phash=OuterRef("phash")).exclude(item=OuterRef("item"))
        mine = Photo.objects.filter(item=OuterRef("pk"), phash__gt="0" * 16)  # a blank photo's hash says nothing
        return self.filter(Exists(mine.filter(Exists(elsewhere))))

    def in_lot_order(self) -> Self:
        return self.order_by("-sale__held_on", "sale__code", "lot_order", "pk")


class Item(models.Model):
    """One lot: a thing, or a group of things sold together."""

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        CATALOGUED = "catalogued", "Catalogued"
        SOLD = "sold", "Sold"
        PASSED = "passed", "Passed"
        WITHDRAWN = "withdrawn", "Withdrawn"

    HIDDEN = [Status.DRAFT, Status.WITHDRAWN]
    PRICES = ["estimate_low", "estimate_high", "start_price", "reserve", "hammer", "total"]

    source_key = models.CharField(
        max_length=200, unique=True, null=True, blank=True, help_text="The item's name in the file that it came from."
    )
    object_key = models.CharField(
        "same object",
        max_length=200,
        blank=True,
        db_index=True,
        help_text="Items with the same word here are the same object, edition or re-offered lot.",
    )
    sale = models.ForeignKey(Sale, models.PROTECT, null=True, blank=True, related_name="items")
    lot = models.CharField("lot number", max_length=20, blank=True)
    lot_order = models.CharField(max_length=220, blank=True, editable=False)
    title = models.CharField(max_length=500)
    description = models.TextField(blank=True)
    category = models.ForeignKey(Category, models.PROTECT, null=True, blank=True, related_name="items")
    maker = models.CharField(max_length=300, blank=True, db_index=True)
    origin = models.CharField(max_length=200, blank=True)
    period = models.CharField("style and period", max_length=200, blank=True)
    materials = models.CharField("materials and techniques", max_length=500, blank=True)
    dimensions = models.CharField(max_length=300, blank=True)
    condition = models.TextField(blank=True)
    estimate_low = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    estimate_high = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    start_price = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    reserve = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    hammer = models.DecimalField("hammer price", max_digits=12, decimal_places=2, null=True, blank=True)
    total = models.DecimalField("price with premium", max_digits=12, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, default=settings.CURRENCY, validators=[RegexValidator("^[A-Z]{3}$")])
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT, db_index=True)
    excluded_from_search = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    history = HistoricalRecords(excluded_fields=["lot_order", "updated_at"])

    objects = ItemQuerySet.as_manager()

    class Meta:
        ordering = ["-sale__held_on", "sale__code", "lot_order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["sale", "lot"], condition=~Q(lot=""), name="item_lot_once_in_a_sale"),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "catalogued", "sold", "passed", "withdrawn"]), name="item_status_known"
            ),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="item_currency_is_a_code"),
            models.CheckConstraint(
                # Without "is not null" an empty price makes the whole condition NULL, which a CHECK lets pass.
                condition=Q(status="sold", hammer__isnull=False, hammer__gt=0)
                | (~Q(status="sold") & Q(hammer__isnull=True)),
                name="item_sold_means_a_hammer_price",
                violation_error_message="A sold item has a hammer price above zero; any other item has none.",
            ),
            models.CheckConstraint(
                condition=Q(total__isnull=True) | Q(total__gte=F("hammer")),
                name="item_total_not_below_hammer",
                violation_error_message="The price with premium can't be below the hammer price.",
            ),
            models.CheckConstraint(
                condition=Q(total__isnull=True) | Q(hammer__isnull=False),
                name="item_total_needs_hammer",
                violation_error_message="A price with premium needs a hammer price.",
            ),
            models.CheckConstraint(
                condition=Q(estimate_low__isnull=True)
                | Q(estimate_high__isnull=True)
                | Q(estimate_low__lte=F("estimate_high")),
                name="item_estimate_in_order",
                violation_error_message="The low estimate can't be above the high one.",
            ),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{price}__isnull": True}) | Q(**{f"{price}__gte": 0}),
                    name=f"item_{price}_not_negative",
                    violation_error_message="A price can't be negative.",
                )
                for price in ("estimate_low", "estimate_high", "start_price", "reserve", "total")
            ),
        ]
        indexes = [
            models.Index(fields=["sale", "lot_order"], name="item_in_lot_order"),
            models.Index(fields=["hammer"], name="item_by_hammer"),
        ]

    def __str__(self) -> str:
        return f"Lot {self.lot}: {self.title}" if self.lot else self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, unless somebody else saved since this copy was read: then StaleItem is raised and nothing changes."""
        self.lot_order = natural_key(self.lot)
        if self._state.adding:
            super().save(*args, **kwargs)
            return
        read_version = self.version
        with transaction.atomic():
            mine = Item.objects.filter(pk=self.pk, version=read_version).update(version=F("version") + 1)
            if not mine:
                raise StaleItem(self)
            self.version = read_version + 1
            if (fields := kwargs.get("update_fields")) is not None:
                kwargs["update_fields"] = {*fields, "version", "lot_order", "updated_at"}
            try:
                super().save(*args, **kwargs)
            except BaseException:
                self.version = read_version
                raise

    def get_absolute_url(self) -> str:
        return f"{beginning_of('item')}{self.pk}/"

    @property
    def estimate(self) -> str:
        """ "€200–300", or nothing where there is no estimate."""
        low, high = self.estimate_low, self.estimate_high
        if low is None and high is None:
            return ""
        if low is None or high is None or low == high:
            return format_amount(low if high is None else high, self.currency)
        return f"{format_amount(low, self.currency)}–{format_amount(high, '').strip()}"


class PhotoQuerySet(models.QuerySet["Photo"]):
    def searchable(self) -> Self:
        """Embedded photos of items that may be shown as an answer."""
        return self.filter(status=Photo.Status.EMBEDDED, item__excluded_from_search=False).exclude(
            item__status__in=Item.HIDDEN
        )

    def intact(self) -> Self:
        """Photos whose file is there and sound, as far as the house knows."""
        return self.exclude(status=Photo.Status.FAILED, failure__in=Photo.LOST)

    def waiting(self) -> Self:
        """Photos that search doesn't know yet."""
        return self.filter(status__in=[Photo.Status.PENDING, Photo.Status.PROCESSING])

    def claimable(self, attempts: int) -> Self:
        """Photos whose embedding may be started now: pending, or left by a worker whose lease ran out."""
        return self.filter(
            Q(status=Photo.Status.PENDING) | Q(status=Photo.Status.PROCESSING, lease_until__lt=Now()),
            attempts__lt=attempts,
        )

    def retry(self) -> int:
        """Put photos back on the to-do list with fresh attempts; how many."""
        return self.update(status=Photo.Status.PENDING, attempts=0, failure="", lease_until=None)


class Photo(models.Model):
    """A photo of an item. The row is the outbox: its state says what is still to be done with it."""

    class Role(models.TextChoices):
        FRONT = "front", "Front"
        BACK = "back", "Back"
        MARK = "mark", "Mark"
        SIGNATURE = "signature", "Signature"
        DAMAGE = "damage", "Damage"
        DETAIL = "detail", "Detail"

    class Status(models.TextChoices):
        PENDING = "pending", "Waiting"
        PROCESSING = "processing", "In work"
        EMBEDDED = "embedded", "Searchable"
        FAILED = "failed", "Failed"

    # Why one has failed that can't be shown either
    MISSING = "Its file is missing."
    DAMAGED = "Its file is damaged: it is not the one that was stored."
    LOST = (MISSING, DAMAGED)

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    item = models.ForeignKey(Item, models.CASCADE, related_name="photos")
    role = models.CharField(max_length=10, choices=Role, default=Role.FRONT)
    position = models.PositiveSmallIntegerField(default=0)
    original_name = models.CharField(max_length=300, blank=True, editable=False)
    file = models.FileField(max_length=100, editable=False)
    sha256 = models.CharField(
        max_length=64, editable=False, db_index=True, help_text="Of the bytes that were received."
    )
    stored_sha256 = models.CharField(max_length=64, editable=False, help_text="Of the JPEG that we keep.")
    phash = models.CharField("perceptual hash", max_length=16, editable=False, db_index=True)
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    bytes = models.PositiveIntegerField(editable=False)
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    failure = models.CharField(max_length=300, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    history = HistoricalRecords(excluded_fields=["lease_until", "attempts", "failure", "status"])

    objects = PhotoQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["item", "sha256"], name="photo_once_an_item"),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "processing", "embedded", "failed"]), name="photo_status_known"
            ),
            models.CheckConstraint(
                condition=Q(role__in=["front", "back", "mark", "signature", "damage", "detail"]),
                name="photo_role_known",
            ),
        ]
        indexes = [models.Index(fields=["status", "id"], name="photo_to_do_list")]

    def __str__(self) -> str:
        return f"{self.get_role_display()} of {self.item}"

    @property
    def is_lost(self) -> bool:
        """Whether the house knows that the file is."""
        return self.status == Photo.Status.FAILED and self.failure in Photo.LOST
