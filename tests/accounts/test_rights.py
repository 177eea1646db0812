"""What a person may do: his own rights and those of his roles, in one query."""

import pytest
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser, Group, Permission, User
from pytest_django import DjangoAssertNumQueries


@pytest.fixture
def porter(viewer: User) -> User:
    """One with a role, a second role, and a right of his own beside them."""
    viewer.groups.add(Group.objects.create(name="Porter"))
    viewer.groups.last().permissions.add(Permission.objects.get(codename="change_photo"))  # type: ignore[union-attr]
    viewer.user_permissions.add(Permission.objects.get(codename="delete_item"))
    return User.objects.get(pk=viewer.pk)


def test_rights_are_djangos_in_one_query(porter: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        rights = porter.get_all_permissions()
        assert porter.has_perm("catalog.delete_item")
    assert {"catalog.view_item", "catalog.change_photo", "catalog.delete_item"} <= rights
    assert rights == ModelBackend().get_all_permissions(User.objects.get(pk=porter.pk))


def test_who_is_gone_or_a_stranger_may_nothing_and_a_superuser_all(porter: User) -> None:
    porter.is_active = False
    assert not porter.get_all_permissions()
    assert not AnonymousUser().get_all_permissions()
    chief = User(pk=porter.pk, is_superuser=True)
    assert len(chief.get_all_permissions()) == Permission.objects.count()
    assert not User.objects.get(pk=porter.pk).has_perm("catalog.view_item", obj=porter)  # nothing is granted by object
