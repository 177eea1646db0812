"""Pages that show who changed what, when; nothing is turned back from there, or a newer change would be lost unseen."""

from typing import Any

from simple_history.admin import SimpleHistoryAdmin


class KeptAdmin(SimpleHistoryAdmin):  # type: ignore[misc]  # untyped
    """A page of the admin whose changes are all kept."""

    object_history_list_template = "admin/catalog/history_list.html"

    def revert_disabled(self, *args: Any, **kwargs: Any) -> bool:
        return True
