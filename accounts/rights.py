"""What a person may do: own rights and those of all roles in one query, because every page asks for them."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser, Group, Permission, User
from django.db.models import Q


class RightsBackend(ModelBackend):
    """Django's own, which asks twice: once for the person's rights, once for those of the roles."""

    def get_all_permissions(self, user_obj: User | AnonymousUser, obj: Any = None) -> set[str]:
        ordinary = user_obj.is_active and not user_obj.is_superuser
        if ordinary and obj is None and not hasattr(user_obj, "_perm_cache"):
            own = User.user_permissions.through.objects.filter(user=user_obj.pk)
            of_roles = Group.permissions.through.objects.filter(group__user=user_obj.pk)
            held = Permission.objects.filter(
                Q(pk__in=own.values("permission")) | Q(pk__in=of_roles.values("permission"))
            ).order_by()
            names = held.values_list("content_type__app_label", "codename")
            user_obj._perm_cache = {f"{app}.{name}" for app, name in names}  # type: ignore[union-attr]
        return super().get_all_permissions(user_obj, obj)
