"""Each photo finds its row, by the row's column or by the rules of photographers; what finds none is listed."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.importing.matching import Matcher
from catalog.importing.photo_files import Folder, PhotoUnreadable, open_photos, plain
from catalog.importing.rows import Record, SaleFacts, Wanted
from catalog.importing.table import ImportRefused, Row


class Listing:
    """Names of photos, without the photos."""

    def __init__(self, *names: str) -> None:
        self._names = names

    def names(self) -> Iterator[str]:
        return iter(self._names)

    def read(self, name: str, most: int) -> bytes:
        raise PhotoUnreadable(name)


def row(lot: str = "", key: str = "", sale: str = "A1", photos: tuple[str, ...] = ()) -> Record:
    wanted = tuple(Wanted(name, "") for name in photos)
    return Record(Row(2, ()), key, {"lot": lot}, SaleFacts(sale, "", None, ""), None, wanted)


def matcher(*names: str, keys: tuple[str, ...] = (), one_sale: bool = True) -> Matcher:
    return Matcher(Listing(*names), {plain(key) for key in keys}.__contains__, one_sale=one_sale)


def chosen(found: Matcher, record: Record) -> list[str]:
    return [photo.name for photo in found.match(record).photos]


@pytest.mark.parametrize(
    ("lot", "name"),
    [
        ("1", "1.jpg"),
        ("1", "1-1.jpg"),
        ("1", "1.1.jpg"),
        ("1", "1_1.jpg"),
        ("1", "1(1).jpg"),
        ("1", "1 (1).jpg"),
        ("53A", "53A_2.jpg"),
        ("53A", "53a-2.JPG"),
        ("7", "007_01.png"),
        ("7", "Lot 7-1.jpeg"),
        ("7", "A1-7.jpg"),
        ("7", "A1_7_2.heic"),
        ("7", "day one/7-1.webp"),
    ],
)
def test_photographers_file_names_are_understood(lot: str, name: str) -> None:
    found = matcher(name)
    assert chosen(found, row(lot)) == [name]
    assert found.left == []


@pytest.mark.parametrize("name", ["12.jpg", "2-1.jpg", "1A.jpg", "B2-1.jpg", "view.jpg"])
def test_the_photo_of_another_lot_stays_where_it_is(name: str) -> None:
    found = matcher(name)
    assert chosen(found, row("1")) == []
    assert found.left == [name]


def test_photos_come_in_the_order_of_their_numbers_the_first_is_primary() -> None:
    found = matcher("5-10.jpg", "5-2.jpg", "5-1.jpg", "5.jpg")
    assert chosen(found, row("5")) == ["5.jpg", "5-1.jpg", "5-2.jpg", "5-10.jpg"]


def test_an_items_own_key_goes_before_lot_numbers() -> None:
    found = matcher("1142_1.jpg", "1142_1-2.jpg", "1142_2.jpg", keys=("1142_1", "1142_2", "x"))
    assert chosen(found, row("1142", key="x")) == []  # not the first photos of lot 1142
    assert chosen(found, row("1", key="1142_1", sale="1142")) == ["1142_1.jpg", "1142_1-2.jpg"]
    assert found.left == ["1142_2.jpg"]


def test_in_a_file_of_several_sales_a_lot_number_alone_names_no_photo() -> None:
    found = matcher("1-1.jpg", "B2-1-1.jpg", one_sale=False)
    assert chosen(found, row("1", sale="A1")) == []
    assert chosen(found, row("1", sale="B2")) == ["B2-1-1.jpg"]
    assert found.left == ["1-1.jpg"]


def test_a_lot_takes_at_most_twenty_photos_and_says_so() -> None:
    matched = matcher(*(f"5-{number}.jpg" for number in range(1, 23))).match(row("5"))
    assert len(matched.photos) == 20
    assert matched.problems == tuple(
        f"photo '5-{number}.jpg' is one too many: a lot has at most 20" for number in (21, 22)
    )


def test_a_photo_goes_to_one_row_only() -> None:
    found = matcher("5-1.jpg")
    found.match(row("5"))
    assert found.match(row("05")).problems == ("photo '5-1.jpg' already went to another row",)


@pytest.mark.parametrize(
    "wanted", ["images/a.jpg", "a.jpg", "A.JPG", "./images/a.jpg", "images\\a.jpg", "a", "C:\\photos\\a.jpg"]
)
def test_a_column_may_name_a_photo_with_or_without_its_folder(wanted: str) -> None:
    assert chosen(matcher("images/a.jpg", "images/b.jpg"), row(photos=(wanted,))) == ["images/a.jpg"]


def test_accents_written_in_two_ways_are_the_same_name() -> None:
    assert chosen(matcher("e\u0301te\u0301.jpg"), row(photos=("\u00e9t\u00e9.jpg",))) == ["e\u0301te\u0301.jpg"]


def test_a_photo_that_is_missing_or_ambiguous_is_said() -> None:
    found = matcher("one/a.jpg", "two/a.jpg")
    problems = found.match(row(photos=("a.jpg", "b.jpg", "two/a.jpg", "../../etc/passwd"))).problems
    assert problems == (
        "photo 'a.jpg' is there 2 times: name its folder too",
        "photo 'b.jpg' is not among the photos",
        "photo '../../etc/passwd' is not among the photos",
    )
    assert found.left == ["one/a.jpg"]


def test_lists_and_what_a_mac_leaves_are_no_photos_without_a_row() -> None:
    assert matcher("items.csv", "__MACOSX/._1.jpg", ".1.jpg", "Thumbs.db", "5.jpg").left == ["5.jpg"]


def test_a_zip_is_read_without_being_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "photos.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../outside.jpg", b"first")
        archive.writestr("inside.jpg", b"second")
    with open_photos(path) as files:
        assert [files.read(name, 100) for name in files.names()] == [b"first", b"second"]
    assert list(tmp_path.iterdir()) == [path]


def test_a_zip_cannot_fill_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("1.jpg", bytes(20_000_000))
    with open_photos(path) as files, pytest.raises(PhotoUnreadable, match="more than 10 MB"):
        files.read("1.jpg", 10_000_000)


def encrypted(path: Path) -> Path:
    """A ZIP whose only photo says that it is encrypted."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("1.jpg", b"secret")
    data = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    path.write_bytes(bytes(data))
    return path


def test_an_encrypted_photo_is_said(tmp_path: Path) -> None:
    with open_photos(encrypted(tmp_path / "photos.zip")) as files, pytest.raises(PhotoUnreadable, match="encrypted"):
        files.read("1.jpg", 100)


def test_a_damaged_photo_in_a_zip_is_said(tmp_path: Path) -> None:
    path = tmp_path / "photos.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("1.jpg", bytes(range(256)) * 50)
    data = bytearray(path.read_bytes())
    data[60:90] = bytes(30)
    path.write_bytes(bytes(data))
    with open_photos(path) as files, pytest.raises(PhotoUnreadable, match="damaged"):
        files.read("1.jpg", 1_000_000)


def test_what_is_neither_folder_nor_zip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "photos.rar"
    path.write_bytes(b"Rar!" * 100)
    with pytest.raises(ImportRefused, match="neither a folder of photos nor a ZIP"), open_photos(path):
        pass
    with pytest.raises(ImportRefused, match="no folder or ZIP"), open_photos(tmp_path / "nowhere"):
        pass


def test_a_folder_is_read_with_its_folders(tmp_path: Path) -> None:
    (tmp_path / "day one").mkdir()
    (tmp_path / "day one" / "1.jpg").write_bytes(b"photo")
    files = Folder(tmp_path)
    assert list(files.names()) == ["day one/1.jpg"]
    assert files.read("day one/1.jpg", 5) == b"photo"
    with pytest.raises(PhotoUnreadable, match="more than"):
        files.read("day one/1.jpg", 4)
