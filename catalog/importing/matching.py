"""Which photo belongs to which row: by the row's own column, or by the rules by which photographers name files."""

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from catalog.importing.photo_files import PhotoFiles, looks_like_a_picture, plain
from catalog.importing.rows import MOST_PHOTOS, Record
from catalog.lots import natural_key

# "1-1", "1.1", "1_1", "1(1)", "1 (1)", "53A_2": a lot or key, then the photo's number.
_NUMBERED = re.compile(r"(.*[^\s_.\-(])(?:\s*\((\d{1,3})\)|[\s_.\-]+(\d{1,3}))")
_LOT_PREFIX = re.compile(r"^lot[\s_.\-]*(?=\d)")
_SEPARATORS = re.compile(r"[\s_.\-]+")


@dataclass(frozen=True)
class Chosen:
    """A photo file for a row, with the role that the row gives it ("" for none)."""

    name: str
    role: str


@dataclass(frozen=True)
class Matched:
    photos: tuple[Chosen, ...]
    problems: tuple[str, ...]
    by_column: bool


class Matcher:
    """Finds each row's photos and remembers which files were taken."""

    def __init__(self, files: PhotoFiles, is_key: Callable[[str], bool], *, one_sale: bool) -> None:
        """`is_key` knows the keys of all rows; lot numbers alone name photos only where the file holds one sale."""
        self._one_sale = one_sale
        self._paths: dict[str, str] = {}
        self._bases: dict[str, list[str]] = defaultdict(list)
        self._stems: dict[str, list[tuple[int, str]]] = defaultdict(list)  # key or lot -> (photo's number, file)
        self._left: set[str] = set()
        for name in files.names():
            self._paths[plain(name)] = name
            self._bases[PurePosixPath(plain(name)).name].append(name)
            if looks_like_a_picture(name):
                self._left.add(name)
                self._index(name, is_key)

    def _index(self, name: str, is_key: Callable[[str], bool]) -> None:
        stem = PurePosixPath(plain(name)).stem.strip()
        self._stems[stem].append((0, name))
        if is_key(stem):
            return  # "1142_1.jpg" is the photo of the item 1142_1, not the first one of lot 1142
        numbered = _NUMBERED.fullmatch(stem)
        base, number = (numbered[1], int(numbered[2] or numbered[3])) if numbered else (stem, 0)
        if numbered:
            self._stems[base].append((number, name))
        if not is_key(base):
            self._stems[_squashed(base)].append((number, name))
            if numbered:
                self._stems[_squashed(stem)].append((0, name))

    @property
    def left(self) -> list[str]:
        """The photos that no row has taken."""
        return sorted(self._left)

    def match(self, record: Record) -> Matched:
        matched = self._by_column(record) if record.photos else self._by_name(record)
        self._left.difference_update(photo.name for photo in matched.photos)
        return matched

    def _by_column(self, record: Record) -> Matched:
        photos, problems = [], []
        for wanted in record.photos:
            found = self._find(wanted.name)
            if isinstance(found, str):
                photos.append(Chosen(found, wanted.role))
            elif found:
                problems.append(f"photo {wanted.name!r} is there {len(found)} times: name its folder too")
            else:
                problems.append(f"photo {wanted.name!r} is not among the photos")
        return Matched(tuple(dict.fromkeys(photos)), tuple(problems), by_column=True)

    def _find(self, wanted: str) -> str | list[str]:
        """The one file that is meant, or all that could be."""
        name = plain(wanted)
        if name in self._paths:
            return self._paths[name]
        same = self._bases.get(PurePosixPath(name).name) or [
            file for number, file in self._stems.get(PurePosixPath(name).name, []) if number == 0
        ]
        return same[0] if len(same) == 1 else same

    def _by_name(self, record: Record) -> Matched:
        names = [plain(record.key)] if record.key else []
        if record.lot:
            names += [_squashed(f"{record.sale.code}-{record.lot}")] if record.sale else []
            names += [_squashed(record.lot)] if self._one_sale else []
        found = next((photos for name in names if (photos := self._stems.get(name))), [])
        found = sorted(found, key=lambda photo: (photo[0], natural_key(photo[1])))
        files = list(dict.fromkeys(name for _, name in found))
        free = [name for name in files if name in self._left]
        problems = [f"photo {name!r} already went to another row" for name in files if name not in self._left]
        problems += [f"photo {name!r} is one too many: a lot has at most {MOST_PHOTOS}" for name in free[MOST_PHOTOS:]]
        return Matched(tuple(Chosen(name, "") for name in free[:MOST_PHOTOS]), tuple(problems), by_column=False)


def _squashed(name: str) -> str:
    """Lots and sales however they are separated and padded: "1142_007" as "1142-7". The mark keeps keys apart."""
    return "lot:" + natural_key(_SEPARATORS.sub("-", _LOT_PREFIX.sub("", plain(name))))
