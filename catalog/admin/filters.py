"""By what the admin's lists of items can be narrowed."""

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest

from catalog.models import Item, Photo, Sale

RECENT_SALES = 30
MOST_DIGITS = 19


class SaleFilter(admin.SimpleListFilter):
    """The latest sales, and whichever is chosen; older ones are a search or a year away."""

    title = "sale"
    parameter_name = "sale"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        sales = list(Sale.objects.all()[:RECENT_SALES])
        chosen = self._chosen()
        if chosen and chosen not in {sale.pk for sale in sales}:
            sales += Sale.objects.filter(pk=chosen)
        return [(str(sale.pk), str(sale)) for sale in sales]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Item]) -> QuerySet[Item]:
        chosen = self._chosen()
        return queryset.filter(sale_id=chosen) if chosen else queryset

    def _chosen(self) -> int:
        """The sale's number; 0 for what is none, such as a word or more digits than any number has."""
        value = self.value() or ""
        return int(value) if value.isdecimal() and len(value) < MOST_DIGITS else 0


class PhotosFilter(admin.SimpleListFilter):
    """Whether an item has photos, and whether search knows them."""

    title = "photos"
    parameter_name = "photos"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("some", "With photos"),
            ("none", "Without photos"),
            ("waiting", "Waiting for search"),
            ("failed", "With a failed photo"),
            ("searchable", "All searchable"),
            ("again", "Same photo as another lot"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Item]) -> QuerySet[Item]:
        if self.value() == "again":
            return Item.objects.with_a_photo_of_another() & queryset
        photos = Photo.objects.filter(item=OuterRef("pk"))
        conditions = {
            "some": Exists(photos),
            "none": ~Exists(photos),
            "waiting": Exists(photos.waiting()),
            "failed": Exists(photos.filter(status=Photo.Status.FAILED)),
            "searchable": Exists(photos) & ~Exists(photos.exclude(status=Photo.Status.EMBEDDED)),
        }
        chosen = conditions.get(self.value() or "")
        return queryset if chosen is None else queryset.filter(chosen)
