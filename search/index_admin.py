"""The builds of the index to look at: what each is made of, and how much it finds."""

from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest

from search.models import IndexBuild, RecallCheck
from search.recall import percent


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    """To look at; what makes these rows also ends them."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class RecallChecks(admin.TabularInline):  # type: ignore[type-arg]
    """Whoever may see a build may see what it finds."""

    model = RecallCheck
    extra = 0
    can_delete = False
    fields = ["checked_at", "found", "fifth", "times", "searched_with", "queries"]
    readonly_fields = ["checked_at", "found", "fifth", "times", "searched_with", "queries"]
    verbose_name_plural = "how many of the exact nearest photos it finds"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("search.view_indexbuild")

    @admin.display(description="found, mean")
    def found(self, done: RecallCheck) -> str:
        return f"{percent(done.mean)} of {done.k}"

    @admin.display(description="5th percentile")
    def fifth(self, done: RecallCheck) -> str:
        return percent(done.fifth_percentile)

    @admin.display(description="an answer, median")
    def times(self, done: RecallCheck) -> str:
        return f"{done.approximate_ms:.2f} ms; exact {done.exact_ms:.2f} ms"

    @admin.display(description="searched with")
    def searched_with(self, done: RecallCheck) -> str:
        return ", ".join(f"{name} {value:,}" for name, value in done.effort.items()) or "every vector"


@admin.register(IndexBuild)
class IndexBuildAdmin(ReadOnly):
    list_display = ["build_id", "state", "is_current", "withdrawn_at", "engine", "photo_count", "recall", "finished_at"]
    list_filter = ["state", "is_current", "engine"]
    date_hierarchy = "started_at"
    list_per_page = 50
    inlines = [RecallChecks]
    fieldsets = [
        (None, {"fields": ["build_id", "state", "is_current", "withdrawn_at", "error"]}),
        ("Made of", {"fields": ["photo_count", "encoder", "head", "engine", "options", "effort"]}),
        ("When", {"fields": ["started_at", "finished_at"]}),
    ]
    readonly_fields = ["options"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[IndexBuild]:
        checks = RecallCheck.objects.filter(build=OuterRef("pk")).order_by("-checked_at")
        builds: QuerySet[IndexBuild] = super().get_queryset(request)
        return builds.annotate(last_recall=Subquery(checks.values("mean")[:1]))

    @admin.display(description="finds", ordering="last_recall")
    def recall(self, build: Any) -> str:
        return "–" if build.last_recall is None else percent(build.last_recall)

    @admin.display(description="made with")
    def options(self, build: IndexBuild) -> str:
        made_with = build.manifest.get("options", {})
        return ", ".join(f"{name} {value:,}" for name, value in made_with.items()) or "–"
