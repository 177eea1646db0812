"""Sales and categories in the admin."""

from django import forms
from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.admin.history import KeptAdmin
from catalog.models import Category, Item, Sale


def _items_link(count: int, **where: object) -> SafeString:
    query = "&".join(f"{name}={value}" for name, value in where.items())
    return format_html('<a href="{}?{}">{}</a>', reverse("admin:catalog_item_changelist"), query, f"{count:,}")


class SaleForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    class Meta:
        model = Sale
        fields = ["code", "title", "held_on", "currency", "premium_percent"]


@admin.register(Sale)
class SaleAdmin(KeptAdmin):
    form = SaleForm
    list_display = ["code", "title", "held_on", "currency", "items_here", "sold_here"]
    search_fields = ["code", "title"]
    date_hierarchy = "held_on"
    list_filter = ["currency"]
    ordering = ["-held_on", "code"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Sale]:
        sold = Count("items", filter=Q(items__status=Item.Status.SOLD))
        return Sale.objects.annotate(items_count=Count("items"), sold_count=sold)

    @admin.display(description="items", ordering="items_count")
    def items_here(self, sale: Sale) -> SafeString:
        return _items_link(sale.items_count, sale=sale.pk)  # type: ignore[attr-defined]  # annotated

    @admin.display(description="sold", ordering="sold_count")
    def sold_here(self, sale: Sale) -> str:
        return f"{sale.sold_count:,}"  # type: ignore[attr-defined]  # annotated


class CategoryForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    class Meta:
        model = Category
        fields = ["name", "slug", "parent"]


@admin.register(Category)
class CategoryAdmin(KeptAdmin):
    form = CategoryForm
    list_display = ["name", "parent", "items_here"]
    list_select_related = ["parent"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        return Category.objects.annotate(items_count=Count("items"))

    @admin.display(description="items", ordering="items_count")
    def items_here(self, category: Category) -> SafeString:
        return _items_link(category.items_count, category__id__exact=category.pk)  # type: ignore[attr-defined]
