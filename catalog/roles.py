"""Who may do what: Viewer looks, Cataloguer describes, Manager also deletes, answers sellers and runs the index."""

from collections.abc import Mapping, Sequence

from django.contrib.auth.models import Group, Permission

VIEWER, CATALOGUER, MANAGER = "Viewer", "Cataloguer", "Manager"

CATALOG_GRANTS = {
    VIEWER: [f"view_{model}" for model in ("category", "sale", "item", "photo", "bidstep", "exchangerate")],
    CATALOGUER: [
        *(f"{act}_{model}" for model in ("category", "sale", "item", "photo") for act in ("view", "add", "change")),
        *(f"{act}_import{model}" for model in ("run", "profile") for act in ("view", "add")),
        *("delete_photo", "view_bidstep", "view_exchangerate"),
    ],
    MANAGER: [
        *(
            f"{act}_{model}"
            for model in (
                *("category", "sale", "item", "photo", "importprofile", "importrun"),
                *("bidstep", "exchangerate"),
            )
            for act in ("view", "add", "change", "delete")
        ),
        "view_auditentry",
    ],
}


def grant(app_label: str, grants: Mapping[str, Sequence[str]]) -> None:
    """Give each role the app's permissions that it is to have; what an administrator added beyond them stays.

    Runs after every migration, when the permissions exist.
    """
    for role, codenames in grants.items():
        group, _ = Group.objects.get_or_create(name=role)
        group.permissions.add(*Permission.objects.filter(content_type__app_label=app_label, codename__in=codenames))
