"""Items in the admin: found by photo, lot and state; edited by two people at once without losing a word."""

from typing import Any
from uuid import uuid4

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms.widgets import Script
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.admin.actions import ACTIONS
from catalog.admin.conflict import find_conflict
from catalog.admin.filters import PhotosFilter, SaleFilter
from catalog.admin.history import KeptAdmin
from catalog.admin.item_form import FIELDS, GROUPS, TELLABLE, ItemForm, add_photos, receive_all
from catalog.admin.photos import PhotoInline
from catalog.admin.thumbnails import states, thumbnail
from catalog.models import Item, Photo, StaleItem
from catalog.money import format_amount


@admin.register(Item)
class ItemAdmin(KeptAdmin):
    form = ItemForm
    fieldsets = [(title, {"fields": rows}) for title, rows in GROUPS]
    inlines = [PhotoInline]
    autocomplete_fields = ["sale", "category"]
    list_display = ["shown", "lot_number", "title", "held", "category", "status", "fetched"]
    list_display_links = ["shown", "title"]
    list_filter = ["status", PhotosFilter, "excluded_from_search", "category", SaleFilter]
    list_select_related = ["sale", "category"]
    list_per_page = 50
    search_fields = ["title", "maker", "=lot", "=sale__code", "source_key", "object_key"]
    search_help_text = "Words of the title or maker, a lot or sale number, or a key"
    date_hierarchy = "sale__held_on"
    show_full_result_count = False
    actions = ACTIONS
    save_on_top = True

    class Media:
        css = {"all": ["css/suggestion.css", "css/admin-catalog.css"]}
        js = [
            Script("js/admin-photo-order.js", type="module"),
            Script("js/admin-fill.js", type="module"),
            Script("js/admin-estimate.js", type="module"),
            Script("js/admin-names.js", type="module"),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Item]:
        return Item.objects.with_photos()

    def get_fieldsets(self, request: HttpRequest, obj: Item | None = None) -> Any:
        sets = list(self.fieldsets)
        may_add = self._may_change(request, obj) and request.user.has_perm("catalog.add_photo")
        return [(None, {"fields": ["new_photos", "read_version"]}), *sets] if may_add else sets

    @admin.display(description="photo")
    def shown(self, item: Item) -> SafeString | str:
        photos = list(item.photos.all())
        return format_html("{}{}", thumbnail(next(iter(photos), None)), states(photos))

    @admin.display(description="lot", ordering="lot_order")
    def lot_number(self, item: Item) -> str:
        return item.lot or "–"

    @admin.display(description="sale", ordering="sale__held_on")
    def held(self, item: Item) -> SafeString | str:
        sale = item.sale
        return format_html("{}<br>{}", sale.title or sale.code, f"{sale.held_on:%-d %b %Y}") if sale else "–"

    @admin.display(description="hammer", ordering="hammer")
    def fetched(self, item: Item) -> str:
        """What it sold for, else in brackets what was expected."""
        if item.hammer is not None:
            return format_amount(item.hammer, item.currency)
        return f"({item.estimate})" if item.estimate else "–"

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        note = request.__dict__
        if request.method == "POST" and self._may_change(request):
            if object_id and (conflict := find_conflict(object_id, request.POST, FIELDS)):
                if request.FILES.getlist("new_photos"):
                    conflict.sentences.append("A browser can't keep files: choose the photos to add once more.")
                note["conflict"] = conflict
                request.POST = conflict.data  # type: ignore[assignment]
            elif "arrivals" not in note and request.user.has_perm("catalog.add_photo"):
                note["arrivals"] = receive_all(request.FILES.getlist("new_photos"))
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except StaleItem:  # somebody saved between our look and our own saving: now the look will find it
            return self.changeform_view(request, object_id, form_url, extra_context)

    def get_form(self, request: HttpRequest, obj: Item | None = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        form.conflict = request.__dict__.get("conflict")
        form.told = (
            {name: request.GET[name] for name in TELLABLE if name in request.GET} if request.method == "GET" else {}
        )
        return form

    def save_model(self, request: HttpRequest, obj: Item, form: Any, change: bool) -> None:
        if change:
            if not set(form.changed_data) & set(FIELDS):
                return  # only photos: the item itself stays at its version
            obj.version = form.cleaned_data["read_version"]
        elif not obj.source_key and not (obj.sale_id and obj.lot):
            obj.source_key = f"by-hand-{uuid4().hex[:12]}"  # so that an export of it can come back
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        item = form.instance
        for position, photo in enumerate(item.photos.order_by("position", "pk")):
            if photo.position != position:
                photo.position = position
                photo.save(update_fields=["position"])
        added = add_photos(item, request.__dict__.get("arrivals", []))
        if added.count:
            messages.success(request, f"{added.count} photo{'s' if added.count > 1 else ''} added.")
        for sentence in added.problems:
            messages.error(request, sentence)
        for sentence in added.twins:
            messages.warning(request, sentence)
        if request.POST.get("_retry_photo", "").isdecimal():
            retried = Photo.objects.filter(item=item, pk=int(request.POST["_retry_photo"])).retry()
            messages.success(request, f"{retried} photo is on the to-do list again.")

    def response_change(self, request: HttpRequest, obj: Item) -> HttpResponse:
        if "_retry_photo" in request.POST:
            return HttpResponseRedirect(request.path)
        return super().response_change(request, obj)  # type: ignore[no-any-return]

    def _may_change(self, request: HttpRequest, obj: Item | None = None) -> bool:
        return bool(self.has_change_permission(request, obj) or self.has_add_permission(request))
