"""What is out of order with the index, in sentences for those who look after it."""

from django.http import HttpRequest

from search.memory import Lately
from search.models import IndexBuild
from search.recall import shortfall


def alarms() -> list[str]:
    """Empty as a rule: two short queries."""
    newest = IndexBuild.objects.values_list("build_id", "state", "error", "is_current").first()
    if newest is None:
        return []
    build_id, state, error, is_current = newest
    said = []
    if state == IndexBuild.State.FAILED:
        said.append(f"The index build {build_id} failed: {error}")
    serving = build_id if is_current else _serving()
    return [*said, *filter(None, [shortfall(serving)])]


def alarms_for(request: HttpRequest) -> list[str]:
    """The same for whom it concerns; two seconds behind the database at most."""
    user = getattr(request, "user", None)
    return lately.get() if user and user.has_perm("search.watch_index") else []


def _serving() -> str | None:
    return IndexBuild.objects.filter(is_current=True).values_list("build_id", flat=True).first()


lately = Lately(alarms, 2.0)  # as long as the pointer to a new build may go unseen; every page of a manager asks
