"""The log of deeds in the admin: to read and to search; nothing and nobody changes it."""

import json
from datetime import UTC
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from catalog.models import AuditEntry


@admin.register(AuditEntry)
class AuditAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    list_display = ["when", "who", "deed", "what", "changes", "address"]
    list_display_links = ["when"]
    list_filter = ["deed"]
    search_fields = ["actor", "label", "=object_id", "=address", "=request_id"]
    search_help_text = "A person, a thing, its number, an address or a request"
    date_hierarchy = "at"
    list_per_page = 100
    show_full_result_count = False
    actions = None
    fieldsets = [
        (None, {"fields": ["when", "who", "deed", "what", "kind", "object_id"]}),
        ("From where", {"fields": ["address", "request_id"]}),
        ("Before and after", {"fields": ["all_changes"]}),
    ]
    readonly_fields = ["when", "who", "deed", "what", "kind", "object_id", "address", "request_id", "all_changes"]

    class Media:
        css = {"all": ["css/admin-catalog.css"]}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        return False

    @admin.display(description="when (UTC)", ordering="at")
    def when(self, entry: AuditEntry) -> str:
        return f"{entry.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"

    @admin.display(description="who", ordering="actor")
    def who(self, entry: AuditEntry) -> str:
        return entry.actor or "–"

    @admin.display(description="what", ordering="label")
    def what(self, entry: AuditEntry) -> str:
        return entry.label or "–"

    @admin.display(description="before and after")
    def changes(self, entry: AuditEntry) -> str:
        """Of a price all that changed; of the rest, the page of the entry tells."""
        if entry.deed != "price":
            return "–"
        pairs = ((name, entry.before.get(name), entry.after.get(name)) for name in entry.after)
        return ", ".join(f"{_words(name)} {_shown(old)} → {_shown(new)}" for name, old, new in pairs)

    @admin.display(description="before and after")
    def all_changes(self, entry: AuditEntry) -> SafeString | str:
        names = [*entry.before, *(name for name in entry.after if name not in entry.before)]
        rows = ((_words(name), _shown(entry.before.get(name)), _shown(entry.after.get(name))) for name in names)
        body = format_html_join("", "<tr><th scope=row>{}</th><td>{}</td><td>{}</td></tr>", rows)
        if not names:
            return "–"
        return format_html(
            '<table class="audit-changes"><thead><tr><th></th><th>Before</th><th>After</th></tr></thead>'
            "<tbody>{}</tbody></table>",
            body,
        )


def _words(name: str) -> str:
    return name.replace("_", " ")


def _shown(value: Any) -> str:
    if value in (None, "", [], {}):
        return "–"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
