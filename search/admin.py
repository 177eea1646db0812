"""The staff's list of sellers' enquiries; questions and index builds to look at."""

from typing import Any
from urllib.parse import quote

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from search.index_admin import ReadOnly
from search.judging.as_csv import judgements_csv
from search.likeness.meaning import ALIKE, FIRST
from search.models import Calibration, Enquiry, Judgement, Query
from search.seller.enquiries import keep_or_expire
from search.templatetags.shown import photo_at

NO_PHOTOS = "Deleted"


def _photos(query: Query | None, height: int, most: int | None = None) -> SafeString | str:
    """The query's photos at that height in pixels, each leading to the whole of it."""
    shown = list(query.photos.all())[:most] if query else []
    images = format_html_join(
        " ",
        '<a href="{}"><img src="{}" width="{}" height="{}" alt="Photo {}"></a>',
        (
            (photo_at(photo, 1600), photo_at(photo, 320), round(height * photo.width / photo.height), height, number)
            for number, photo in enumerate(shown, 1)
        ),
    )
    return images or NO_PHOTOS


@admin.register(Enquiry)
class EnquiryAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    list_display = ["created_at", "name", "first_photo", "seen", "state", "handled_by"]
    list_filter = ["state", "handled_by", "created_at"]
    list_select_related = ["query", "handled_by"]
    search_fields = ["name", "email", "message"]
    date_hierarchy = "created_at"
    list_per_page = 50
    actions = ["take_on", "close"]
    fieldsets = [
        ("What the seller showed", {"fields": ["photos", "words", "seen", "similar"]}),
        ("What the seller wrote", {"fields": ["name", "reply", "phone", "message", "created_at"]}),
        ("Our work", {"fields": ["state", "handled_by", "note"]}),
    ]
    readonly_fields = ["photos", "words", "seen", "similar", "name", "reply", "phone", "message", "created_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # only sellers enquire

    def get_queryset(self, request: HttpRequest) -> QuerySet[Enquiry]:
        return super().get_queryset(request).prefetch_related("query__photos")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Staff to choose from, without the admin's buttons to make or change people beside them."""
        if db_field.name == "handled_by":
            return db_field.formfield(queryset=User.objects.filter(is_staff=True, is_active=True).order_by("username"))
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Enquiry, form: Any, change: bool) -> None:
        if "state" in form.changed_data and obj.handled_by is None:
            obj.handled_by = _staff(request)
        super().save_model(request, obj, form, change)
        keep_or_expire(obj)

    @admin.display(description="photo")
    def first_photo(self, enquiry: Enquiry) -> SafeString | str:
        return _photos(enquiry.query, 64, most=1)

    @admin.display(description="photos")
    def photos(self, enquiry: Enquiry) -> SafeString | str:
        return _photos(enquiry.query, 240)

    @admin.display(description="words with the photos")
    def words(self, enquiry: Enquiry) -> str:
        return (enquiry.query.words if enquiry.query else "") or "–"

    @admin.display(description="the seller was told")
    def seen(self, enquiry: Enquiry) -> str:
        told = enquiry.answer_shown
        return told.get("range") or told.get("sentence") or "–"

    @admin.display(description="similar items")
    def similar(self, enquiry: Enquiry) -> SafeString | str:
        if not enquiry.query:
            return "–"
        return format_html('<a href="{}">What looks like it</a>', reverse("results", args=[enquiry.query.key]))

    @admin.display(description="e-mail")
    def reply(self, enquiry: Enquiry) -> SafeString:
        subject = quote("Your photos")
        return format_html('<a href="mailto:{}?subject={}">{}</a>', enquiry.email, subject, enquiry.email)

    @admin.action(description="Take on", permissions=["change"])
    def take_on(self, request: HttpRequest, enquiries: QuerySet[Enquiry]) -> None:
        self._move(enquiries, Enquiry.State.IN_WORK, _staff(request))

    @admin.action(description="Close", permissions=["change"])
    def close(self, request: HttpRequest, enquiries: QuerySet[Enquiry]) -> None:
        self._move(enquiries, Enquiry.State.CLOSED, None)

    def _move(self, enquiries: QuerySet[Enquiry], state: Enquiry.State, person: User | None) -> None:
        for enquiry in enquiries.select_related("query"):
            enquiry.state = state
            enquiry.handled_by = person or enquiry.handled_by
            enquiry.save(update_fields=["state", "handled_by"])
            keep_or_expire(enquiry)


@admin.register(Query)
class QueryAdmin(ReadOnly):
    list_display = ["created_at", "kind", "owner", "words", "expires_at"]
    list_filter = ["kind", "created_at"]
    list_select_related = ["owner"]
    search_fields = ["words", "owner__username"]
    date_hierarchy = "created_at"
    list_per_page = 50
    fields = ["created_at", "kind", "owner", "words", "expires_at", "photos"]
    readonly_fields = ["photos"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Query]:
        """A seller who only asked has shown the photos to nobody: they aren't listed here."""
        return super().get_queryset(request).exclude(kind=Query.Kind.SELLER, enquiry=None)

    @admin.display(description="photos")
    def photos(self, query: Query) -> SafeString | str:
        return _photos(query, 240)


@admin.register(Judgement)
class JudgementAdmin(ReadOnly):
    list_display = ["at", "verdict", "asked_with", "item", "by", "head"]
    list_filter = ["verdict", "by", "encoder", "at"]
    list_select_related = ["by", "item", "query_item"]
    search_fields = ["item__title", "query_item__title", "by__username"]
    date_hierarchy = "at"
    list_per_page = 50
    actions = ["export"]
    fields = ["at", "verdict", "asked_with", "item", "by", "likeness", "encoder", "head", "build"]
    readonly_fields = ["at", "verdict", "asked_with", "item", "by", "likeness", "encoder", "head", "build"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("search.delete_judgement")  # one that was given by mistake teaches nothing good

    @admin.display(description="asked with")
    def asked_with(self, judgement: Judgement) -> SafeString | str:
        if judgement.query_item:
            return str(judgement.query_item)
        if judgement.query_photo_id is None:
            return "Photos, deleted since"
        return format_html('<a href="{}">Photos</a>', reverse("results", args=[judgement.asked]))

    @admin.action(description="Export as CSV")
    def export(self, request: HttpRequest, judgements: QuerySet[Judgement]) -> StreamingHttpResponse:
        name = f"judgements-{timezone.localdate():%Y-%m-%d}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return StreamingHttpResponse(judgements_csv(judgements), content_type="text/csv", headers=headers)


@admin.register(Calibration)
class CalibrationAdmin(ReadOnly):
    """What a likeness came to mean; the diagram behind it stands in `facts`."""

    list_display = ["fitted_at", "head", "encoder", "cutoff", "false_alarms", "errors"]
    list_filter = ["encoder"]
    date_hierarchy = "fitted_at"

    @admin.display(description="calibration error: same object, same kind")
    def errors(self, calibration: Calibration) -> str:
        found = [calibration.facts.get(kind, {}).get("calibration_error") for kind in (FIRST, ALIKE)]
        return ", ".join("–" if error is None else f"{error:.3f}" for error in found)


def _staff(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
