"""Where the photos of questions and workfiles lie, and which rows their files belong to."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import QuerySet

from catalog.strays import Shelf
from search.models import QueryPhoto, WorkfilePhoto


def _names_of_queries(keys: Collection[UUID]) -> "QuerySet[QueryPhoto, str]":
    return QueryPhoto.objects.filter(key__in=keys).values_list("file", flat=True)


def _names_of_workfiles(keys: Collection[UUID]) -> "QuerySet[WorkfilePhoto, str]":
    return WorkfilePhoto.objects.filter(key__in=keys).values_list("file", flat=True)


QUERIES, WORKFILES = Shelf("queries", _names_of_queries), Shelf("workfiles", _names_of_workfiles)
