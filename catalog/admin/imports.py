"""Importing in the browser: upload, confirm the columns, read the report of a rehearsal, then let it run."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST, require_safe

from catalog.admin.import_forms import MappingForm, ProfileForm, UploadForm, begin
from catalog.importing.report import bad_rows_csv, summary
from catalog.importing.run import local_copy
from catalog.importing.setup import preview
from catalog.importing.table import ImportRefused
from catalog.importing.work import Bad
from catalog.models import ImportProfile, ImportRun
from catalog.uploads import upload_quota

SHOWN = 100  # bad rows on the page; all of them are in the file
State = ImportRun.State


@admin.register(ImportRun)
class ImportRunAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    list_display = ["source_name", "state", "what", "came_to", "profile", "created_by", "created_at"]
    list_filter = ["state", "dry_run", "created_at"]
    list_select_related = ["created_by"]
    search_fields = ["source_name", "profile"]

    def get_urls(self) -> list[URLPattern]:
        views = [
            ("<int:pk>/mapping/", self.mapping_view, "mapping"),
            ("<int:pk>/start/", require_POST(self.start_view), "start"),
            ("<int:pk>/progress/", require_safe(self.progress_view), "progress"),
            ("<int:pk>/bad-rows/", require_safe(self.bad_rows_view), "bad_rows"),
        ]
        named = [
            path(at, self.admin_site.admin_view(view), name=f"catalog_importrun_{name}") for at, view, name in views
        ]
        return named + super().get_urls()

    def has_change_permission(self, request: HttpRequest, obj: ImportRun | None = None) -> bool:
        return False  # a run is set up, started and read, not edited

    @admin.display(description="kind", ordering="dry_run")
    def what(self, run: ImportRun) -> str:
        return "rehearsal" if run.dry_run else "import"

    @admin.display(description="came to")
    def came_to(self, run: ImportRun) -> str:
        return (
            run.message or summary(run.counts, dry_run=run.dry_run, with_photos=False)[0] if run.counts else run.message
        )

    @upload_quota(files=2, file_bytes=settings.IMPORT_MAX_BYTES)
    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            return _to("mapping", form.save(_user(request)))
        return self._page(
            request, "upload", title="Import lots", form=form, limit=settings.IMPORT_MAX_BYTES // 1_000_000
        )

    def mapping_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        run = self._run(request, pk)
        if run.state in (State.PENDING, State.RUNNING) or (run.state == State.DONE and not run.dry_run):
            return _to("change", run)
        try:
            with local_copy(run.source) as source:
                assert source
                shown = preview(source)
        except (ImportRefused, FileNotFoundError) as refused:
            messages.error(request, str(refused))
            return _to("changelist")
        form = MappingForm(request.POST or None, run=run, shown=shown, user=_user(request))
        if request.method == "POST" and form.is_valid():
            return _to("change", form.save())
        return self._page(request, "mapping", title=f"Columns of {run.source_name}", form=form, run=run, shown=shown)

    def start_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """From the rehearsal to the import itself; after a failure once more."""
        run = self._run(request, pk)
        if run.state == State.DONE and run.dry_run:
            run.dry_run = False
            begin(run)
        elif run.state == State.FAILED:
            ImportRun.objects.filter(pk=pk, state=State.FAILED).update(counts={}, message="")
            run.refresh_from_db()
            begin(run)
        return _to("change", run)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        run = self._run(request, object_id, "view")
        if run.state == State.DRAFT and self.has_add_permission(request):
            return _to("mapping", run)
        return self._page(request, "report", title=run.source_name, **self._report(run))

    def progress_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The part of the report that changes; htmx fetches it while the import runs."""
        run = self._run(request, pk, "view")
        return render(request, "admin/catalog/importrun/_progress.html", self._context(request, **self._report(run)))

    def bad_rows_view(self, request: HttpRequest, pk: int) -> StreamingHttpResponse:
        run = self._run(request, pk, "view")
        rows = run.bad_rows.values_list("number", "reason", "cells").iterator(chunk_size=500)
        lines = bad_rows_csv(run.headers, (Bad(number, reason, tuple(cells)) for number, reason, cells in rows))
        response = StreamingHttpResponse(
            (line.encode() for line in lines),
            content_type="text/csv; charset=utf-8",
            headers={"X-Accel-Buffering": "no"},
        )
        response["Content-Disposition"] = f'attachment; filename="bad-rows-{run.pk}.csv"'
        return response

    def _run(self, request: HttpRequest, pk: object, act: str = "add") -> ImportRun:
        if not getattr(self, f"has_{act}_permission")(request):
            raise PermissionDenied
        run: ImportRun | None = self.get_object(request, str(pk))
        if run is None:
            raise Http404("There is no such import.")
        return run

    def _report(self, run: ImportRun) -> dict[str, Any]:
        return {
            "run": run,
            "working": run.state in (State.PENDING, State.RUNNING),
            "lines": summary(run.counts, dry_run=run.dry_run, with_photos=bool(run.photos)) if run.counts else [],
            "bad_rows": run.bad_rows.all()[:SHOWN],
            "bad_count": run.bad_rows.count(),
            "shown": SHOWN,
        }

    def _context(self, request: HttpRequest, **context: Any) -> dict[str, Any]:
        may_add = self.has_add_permission(request)
        return {**self.admin_site.each_context(request), "opts": self.opts, "may_add": may_add, **context}

    def _page(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        return render(request, f"admin/catalog/importrun/{template}.html", self._context(request, **context))


@admin.register(ImportProfile)
class ImportProfileAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    form = ProfileForm
    list_display = ["name", "created_by"]
    list_select_related = ["created_by"]

    def save_model(self, request: HttpRequest, obj: ImportProfile, form: Any, change: bool) -> None:
        if not change:
            obj.created_by = _user(request)
        super().save_model(request, obj, form, change)


def _to(name: str, run: ImportRun | None = None) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse(f"admin:catalog_importrun_{name}", args=[run.pk] if run else []))


def _user(request: HttpRequest) -> Any:
    return request.user
