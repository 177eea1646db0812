"""Which of the house's items are the same object: by their key, by a photo that they share, by what staff said."""

from collections import defaultdict
from collections.abc import Iterable

from search.models import Judgement

SHARED_BY = 5  # a photo that stands under more items than this shows none of them: "photo to follow"


class SameObject:
    """Joins items, given one (item, object key, digest of the file) a photo; a key or a digest may be empty.

    `of` names an item's object after its oldest item: that stays when younger ones join.
    """

    def __init__(self, photos: Iterable[tuple[int, str, str]]) -> None:
        self._parent: dict[int, int] = {}
        by_key, by_file, items = defaultdict(set), defaultdict(set), set()
        for item, key, file in photos:
            items.add(item)
            if key:
                by_key[key].add(item)
            if file:
                by_file[file].add(item)
        for together in (*by_key.values(), *(held for held in by_file.values() if len(held) <= SHARED_BY)):
            first = min(together)
            for item in together:
                self._join(first, item)
        judged = Judgement.objects.filter(verdict=Judgement.Verdict.SAME, query_item__isnull=False)
        for asked, item in judged.values_list("query_item", "item"):
            if asked is not None:
                self._join(asked, item)
        self._oldest: dict[int, int] = {}
        for item in sorted(items):
            self._oldest.setdefault(self._root(item), item)

    def of(self, item: int) -> str:
        root = self._root(item)
        return f"item {self._oldest.get(root, root)}"

    def _join(self, one: int, other: int) -> None:
        self._parent[self._root(one)] = self._root(other)

    def _root(self, item: int) -> int:
        while (parent := self._parent.get(item, item)) != item:
            self._parent[item] = self._parent.get(parent, parent)  # so that the next walk is shorter
            item = parent
        return item
