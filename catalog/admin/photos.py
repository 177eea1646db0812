"""Photos in the admin: those of an item, and the list of all, the failed ones first."""

from django import forms
from django.contrib import admin, messages
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.admin.history import KeptAdmin
from catalog.admin.thumbnails import state, thumbnail
from catalog.models import Item, Photo, PhotoQuerySet


class PhotoForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    class Meta:
        model = Photo
        fields = ["role", "position"]


class PhotoInline(admin.StackedInline):  # type: ignore[type-arg]  # generic in the stubs only
    """An item's photos as cards that can be put in order; new ones come through the form's own field."""

    model = Photo
    form = PhotoForm
    template = "admin/catalog/item/photo_cards.html"
    fields = ["role", "position"]
    ordering = ["position", "pk"]
    extra = 0
    max_num = 0

    def has_add_permission(self, request: HttpRequest, obj: Item | None = None) -> bool:
        return False


@admin.register(Photo)
class PhotoAdmin(KeptAdmin):
    form = PhotoForm
    list_display = ["shown", "item_link", "role", "embedding", "attempts", "size", "created_at"]
    list_display_links = ["shown"]
    list_filter = ["status", "role", "created_at"]
    list_select_related = ["item__sale"]
    list_per_page = 50
    search_fields = ["item__title", "original_name", "=sha256", "=key"]
    actions = ["retry"]
    fields = ["large", "item_link", "role", "position", "embedding", "attempts", "original_name", "size", "sha256"]
    readonly_fields = ["large", "item_link", "embedding", "attempts", "original_name", "size", "sha256"]
    show_full_result_count = False

    class Media:
        css = {"all": ["css/admin-catalog.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Photo]:
        """What needs somebody comes first, then what waits."""
        worst_first = Case(
            When(status=Photo.Status.FAILED, then=Value(0)),
            When(status__in=[Photo.Status.PENDING, Photo.Status.PROCESSING], then=Value(1)),
            default=Value(2),
            output_field=IntegerField(),
        )
        return Photo.objects.annotate(worst_first=worst_first).order_by("worst_first", "-pk")

    def get_ordering(self, request: HttpRequest) -> list[str]:
        return ["worst_first", "-pk"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # photos come with their item

    @admin.action(description="Embed again", permissions=["change"])
    def retry(self, request: HttpRequest, queryset: PhotoQuerySet) -> None:
        count = Photo.objects.filter(pk__in=queryset.values("pk")).retry()
        self.message_user(request, f"{count:,} photos are on the to-do list again.", messages.SUCCESS)

    @admin.display(description="photo")
    def shown(self, photo: Photo) -> SafeString | str:
        return thumbnail(photo)

    @admin.display(description="photo")
    def large(self, photo: Photo) -> SafeString | str:
        return thumbnail(photo, 320)

    @admin.display(description="item", ordering="item__title")
    def item_link(self, photo: Photo) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:catalog_item_change", args=[photo.item_id]), photo.item
        )

    @admin.display(description="search", ordering="worst_first")
    def embedding(self, photo: Photo) -> SafeString:
        return state(photo)

    @admin.display(description="size")
    def size(self, photo: Photo) -> str:
        return f"{photo.width:,} × {photo.height:,}, {photo.bytes / 1000:,.0f} kB"
