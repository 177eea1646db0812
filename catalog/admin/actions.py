"""What can be done to many items at once; whatever can't be undone by a click asks first."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from catalog.exporter import ExportRefused, hindsight_csv, hindsight_xlsx, liveauctioneers_csv
from catalog.merging import MergeRefused, merge
from catalog.models import Category, Item, ItemQuerySet, Photo

MOST = 5_000  # items that one click may change
MOST_MERGED = 10
SHOWN = 20
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Nothing(forms.Form):
    """A question that is answered by going on."""


class CategoryChoice(forms.Form):
    category = forms.ModelChoiceField(Category.objects.all(), required=False, empty_label="– no category –")


class KeepChoice(forms.Form):
    keep = forms.ModelChoiceField(Item.objects.none(), widget=forms.RadioSelect, label="Keep", empty_label=None)


@admin.action(description="Embed photos again", permissions=["change"])
def embed_again(modeladmin: Any, request: HttpRequest, queryset: ItemQuerySet) -> None:
    count = Photo.objects.filter(item__in=queryset.order_by().values("pk")).retry()
    modeladmin.message_user(request, f"{count:,} photos are on the to-do list again.", messages.SUCCESS)


@admin.action(description="Set category …", permissions=["change"])
def set_category(modeladmin: Any, request: HttpRequest, queryset: ItemQuerySet) -> HttpResponseBase | None:
    form = CategoryChoice(request.POST if "answered" in request.POST else None)
    if not form.is_valid():
        return _ask(modeladmin, request, queryset, form, "set_category", "Set the category")
    category = form.cleaned_data["category"]

    def put(item: Item) -> bool:
        changed = item.category_id != (category.pk if category else None)
        item.category = category
        return changed

    return _change(modeladmin, request, queryset, put, f"now in {category or 'no category'}")


@admin.action(description="Mark as passed …", permissions=["change"])
def mark_passed(modeladmin: Any, request: HttpRequest, queryset: ItemQuerySet) -> HttpResponseBase | None:
    sold = queryset.sold().count()
    if sold and "answered" not in request.POST:
        warning = f"{sold:,} of them are sold: their hammer price and price with premium go (their history keeps them)."
        return _ask(modeladmin, request, queryset, Nothing(), "mark_passed", "Mark as passed", warning)

    def put(item: Item) -> bool:
        if item.status not in (Item.Status.CATALOGUED, Item.Status.SOLD):
            return False
        item.status, item.hammer, item.total = Item.Status.PASSED, None, None
        return True

    return _change(modeladmin, request, queryset, put, "now passed")


@admin.action(description="Take out of search", permissions=["change"])
def exclude_from_search(modeladmin: Any, request: HttpRequest, queryset: ItemQuerySet) -> HttpResponseBase | None:
    return _change(
        modeladmin, request, queryset.filter(excluded_from_search=False), _put_excluded(True), "out of search"
    )


@admin.action(description="Put back into search", permissions=["change"])
def include_in_search(modeladmin: Any, request: HttpRequest, queryset: ItemQuerySet) -> HttpResponseBase | None:
    return _change(
        modeladmin, request, queryset.filter(excluded_from_search=True), _put_excluded(False), "in search again"
    )


def _put_excluded(excluded: bool) -> Callable[[Item], bool]:
    def put(item: Item) -> bool:
        item.excluded_from_search = excluded
        return True

    return put


@admin.action(description="Merge …", permissions=["delete"])
def merge_items(modeladmin: Any, request: HttpRequest, queryset: ItemQuerySet) -> HttpResponseBase | None:
    items = list(queryset.with_photos()[: MOST_MERGED + 1])
    if not 2 <= len(items) <= MOST_MERGED:
        modeladmin.message_user(request, f"Choose 2 to {MOST_MERGED} items that are one lot.", messages.WARNING)
        return None
    form = KeepChoice(request.POST if "answered" in request.POST else None, initial={"keep": items[0].pk})
    form.fields["keep"].queryset = queryset  # type: ignore[attr-defined]
    if not form.is_valid():
        warning = "Photos move to the one that you keep, its empty texts are filled, and the others are deleted."
        return _ask(modeladmin, request, queryset, form, "merge_items", "Merge these items", warning)
    keep = form.cleaned_data["keep"].pk
    try:
        merged = merge(keep, [item.pk for item in items if item.pk != keep], user=_user(request))
    except MergeRefused as refused:
        modeladmin.message_user(request, str(refused), messages.ERROR)
        return None
    modeladmin.message_user(request, f"Merged into {merged.kept}; {merged.moved} photos moved.", messages.SUCCESS)
    return None


@admin.action(description="Export as CSV", permissions=["view"])
def export_csv(modeladmin: Any, request: HttpRequest, queryset: ItemQuerySet) -> HttpResponseBase:
    return _download(hindsight_csv(queryset), "text/csv; charset=utf-8", "csv")


@admin.action(description="Export as XLSX", permissions=["view"])
def export_xlsx(modeladmin: Any, request: HttpRequest, queryset: ItemQuerySet) -> HttpResponseBase | None:
    response = HttpResponse(content_type=XLSX)
    response["Content-Disposition"] = _attachment("xlsx")
    try:
        hindsight_xlsx(queryset, response)  # type: ignore[arg-type]  # a response can be written to
    except ExportRefused as refused:
        modeladmin.message_user(request, str(refused), messages.ERROR)
        return None
    return response


@admin.action(description="Export for LiveAuctioneers (CSV)", permissions=["view"])
def export_liveauctioneers(modeladmin: Any, request: HttpRequest, queryset: ItemQuerySet) -> HttpResponseBase:
    return _download(liveauctioneers_csv(queryset), "text/csv; charset=windows-1252", "liveauctioneers.csv")


ACTIONS = [
    set_category, mark_passed, exclude_from_search, include_in_search, embed_again, merge_items,
    export_csv, export_xlsx, export_liveauctioneers,
]  # fmt: skip


def _change(
    modeladmin: Any, request: HttpRequest, queryset: ItemQuerySet, put: Callable[[Item], bool], done: str
) -> HttpResponseBase | None:
    """Change items one by one, so that each keeps its history; all of them or none."""
    count = 0
    if queryset.count() > MOST:
        modeladmin.message_user(request, f"These are more than {MOST:,} items. Narrow the list.", messages.WARNING)
        return None
    with transaction.atomic():
        for item in queryset.select_for_update(of=("self",)).order_by():
            if put(item):
                item.save()
                modeladmin.log_change(request, item, done.capitalize())
                count += 1
    modeladmin.message_user(request, f"{count:,} items are {done}.", messages.SUCCESS)
    return None


def _ask(
    modeladmin: Any,
    request: HttpRequest,
    queryset: ItemQuerySet,
    form: forms.Form,
    action: str,
    title: str,
    warning: str = "",
) -> TemplateResponse:
    """A page in between; it sends the same choice of items once more, with the answer."""
    context = {
        **modeladmin.admin_site.each_context(request),
        "opts": modeladmin.opts,
        "media": modeladmin.media,
        "title": title,
        "warning": warning,
        "form": form,
        "action": action,
        "items": queryset.with_photos()[:SHOWN],
        "count": queryset.count(),
        "shown": SHOWN,
        "chosen": request.POST.getlist(ACTION_CHECKBOX_NAME),
        "checkbox": ACTION_CHECKBOX_NAME,
        "select_across": request.POST.get("select_across", "0"),
    }
    return TemplateResponse(request, "admin/catalog/item/ask.html", context)


def _download(lines: Iterable[bytes], kind: str, suffix: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(lines, content_type=kind)
    response["Content-Disposition"] = _attachment(suffix)
    return response


def _attachment(suffix: str) -> str:
    return f'attachment; filename="items-{timezone.localdate():%Y-%m-%d}.{suffix}"'


def _user(request: HttpRequest) -> Any:
    return request.user
