"""Two people save one item at the same moment, again and again: one of them is told, and nothing is lost."""

import threading

import pytest
from django.db import connection

from catalog.models import Item, StaleItem
from tests.catalog.factories import ItemFactory

RACES = 200


@pytest.mark.chaos
@pytest.mark.django_db(transaction=True)
def test_in_two_hundred_races_no_change_is_lost() -> None:
    item = ItemFactory.create(title="0", description="")
    start = threading.Barrier(2)
    saved: dict[str, list[int]] = {"title": [], "description": []}
    told = {"title": 0, "description": 0}

    def person(field: str) -> None:
        for race in range(RACES):
            start.wait(60)  # both have read the same version
            mine = Item.objects.get(pk=item.pk)
            start.wait(60)
            setattr(mine, field, f"{getattr(mine, field)} {race}")
            try:
                mine.save()
                saved[field].append(race)
            except StaleItem:
                told[field] += 1
        connection.close()

    people = [threading.Thread(target=person, args=(field,)) for field in saved]
    for each in people:
        each.start()
    for each in people:
        each.join()

    item.refresh_from_db()
    assert item.title.split() == ["0", *map(str, saved["title"])]
    assert item.description.split() == [*map(str, saved["description"])]
    assert sum(told.values()) + sum(map(len, saved.values())) == 2 * RACES
    assert sum(map(len, saved.values())) == RACES == item.version - 1
    assert Item.history.filter(id=item.pk).count() == RACES + 1
