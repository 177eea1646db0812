"""From records to rows of the database: found again, created or updated, and left alone where nothing has changed."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import DataError, IntegrityError, transaction
from django.utils.text import slugify

from catalog.importing.layout import FIELDS
from catalog.importing.matching import Matched
from catalog.importing.objections import reasons, sentences
from catalog.importing.receiving import Received
from catalog.importing.rows import Record, RowRefused, SaleFacts
from catalog.lots import natural_key
from catalog.models import Category, Item, Photo, Sale
from catalog.pictures import Picture, PictureNotStored, file_name, save_photo
from catalog.storage import StorageAway

_NO_CURRENCY = ("currency", "")
_PHOTO_KEYS = uuid.UUID("6b0ac5ae-6df7-4b5e-8f5c-0d8f2a7f3c11")


@dataclass(frozen=True)
class Entry:
    """A record with its photos."""

    record: Record
    matched: Matched
    received: tuple[Received, ...] = ()


@dataclass
class Outcome:
    """What saving one entry did."""

    act: str  # created, updated, unchanged
    photos: int = 0
    known_photos: int = 0
    problems: list[str] = field(default_factory=list)


class Catalogue:
    """Saves the entries of one batch after another; remembers sales and categories between them."""

    def __init__(self, *, dry_run: bool, user: AbstractBaseUser | None, reason: str) -> None:
        self._dry_run = dry_run
        self._stored: list[str] = []  # files of this batch; its transaction deletes them where it fails
        self._user = user
        self._reason = reason
        self._sales: dict[str, Sale] = {}
        self._categories: dict[str, Category] = {}
        self._items: dict[object, Item] = {}  # of this batch, by key and by (sale, lot)
        self._photos: dict[int, dict[str, Photo]] = {}  # of this batch, by item and checksum

    def forget(self) -> None:
        """After a rollback nothing that was made in it exists."""
        self._sales.clear()
        self._categories.clear()

    def _forget_entry(self, since: int) -> None:
        """The same for one entry; and files that it stored belong to no row."""
        self.forget()
        while len(self._stored) > since:
            default_storage.delete(self._stored.pop())

    def load(self, records: Sequence[Record], stored: list[str], *, lock: bool) -> None:
        """Read what the batch is about to meet, with a few queries for all of it; files are to be noted in `stored`."""
        self._stored = stored
        keys = [record.key for record in records if record.key]
        codes = {record.sale.code for record in records if record.sale}
        orders = [natural_key(record.lot) for record in records if record.lot]
        items = Item.objects.select_related("sale", "category").order_by()
        if lock:
            items = items.select_for_update(of=("self",))
        self._items = {}
        for found in (items.filter(source_key__in=keys), items.filter(sale__code__in=codes, lot_order__in=orders)):
            for item in found:
                self._remember(item)
        self._photos = {item.pk: {} for item in self._items.values()}
        for photo in Photo.objects.filter(item__in=list(self._photos)).order_by():
            self._photos[photo.item_id] |= {photo.sha256: photo, photo.stored_sha256: photo}

    def known(self, record: Record) -> set[str]:
        """Checksums of the photos that the record's item has; those of our JPEGs too, so that an export comes back."""
        item = self._find(record)
        return set(self._photos.get(item.pk, ())) if item else set()

    def save(self, entry: Entry) -> Outcome:
        """Raises RowRefused where the item can't be as the row says; then nothing of it is kept."""
        record = entry.record
        item = self._find(record) or Item(status=Item.Status.CATALOGUED)
        self._refuse_stranger(item, record)
        if self._is_as_it_was(item, entry):
            return Outcome("unchanged", known_photos=len(entry.received))
        stored = len(self._stored)
        try:
            with transaction.atomic():
                outcome = Outcome(self._save_item(item, record))
                self._save_photos(item, entry, outcome)
        except (IntegrityError, DataError) as error:
            self._forget_entry(since=stored)
            raise RowRefused(*reasons(item, error)) from error
        except RowRefused:
            self._forget_entry(since=stored)
            raise
        self._remember(item)
        return outcome

    def _find(self, record: Record) -> Item | None:
        if record.key and (item := self._items.get(record.key)):
            return item
        return self._items.get((record.sale.code, record.lot)) if record.sale and record.lot else None

    def _remember(self, item: Item) -> None:
        if item.source_key:
            self._items[item.source_key] = item
        if item.sale and item.lot:
            self._items[item.sale.code, item.lot] = item

    def _refuse_stranger(self, item: Item, record: Record) -> None:
        if item.pk and record.key and item.source_key and item.source_key != record.key:
            raise RowRefused(
                f"lot {item.lot} of sale {item.sale.code if item.sale else '–'} is in the catalogue already, "
                f"under the key {item.source_key!r}"
            )

    def _is_as_it_was(self, item: Item, entry: Entry) -> bool:
        """Whether there is nothing to write at all: the common case when a file comes again, and then the quick one."""
        record, known = entry.record, self._photos.get(item.pk, {})
        sale = record.sale
        photos = [known.get(received.sha256) for received in entry.received]
        return bool(
            item.pk
            and (not record.key or item.source_key == record.key)
            and (not sale or (item.sale and item.sale.code == sale.code and sale.held_on in (None, item.sale.held_on)))
            and (record.category is None or (item.category.name if item.category else "") == record.category)
            and all(
                getattr(item, name) == value for name, value in record.facts.items() if (name, value) != _NO_CURRENCY
            )
            and all(photos)
            and (not entry.matched.by_column or _arranged(photos, entry))
        )

    def _save_item(self, item: Item, record: Record) -> str:
        changed = not item.pk
        facts = dict(record.facts)
        if record.key:
            facts["source_key"] = record.key
        if record.sale:
            facts["sale"] = self._sale(record.sale)
        if record.category is not None:
            facts["category"] = self._category(record.category)
        if not facts.get("currency"):
            facts.pop("currency", None)
            if not item.pk and record.sale:
                facts["currency"] = facts["sale"].currency
        for name, value in facts.items():
            if getattr(item, name) != value:
                setattr(item, name, value)
                changed = True
        if not changed:
            return "unchanged"
        act = "updated" if item.pk else "created"
        try:
            item.clean_fields(exclude=["sale", "category"])
        except ValidationError as error:
            raise RowRefused(*sentences(error)) from error
        item._history_user = self._user  # type: ignore[attr-defined]
        item._change_reason = self._reason  # type: ignore[attr-defined]
        item.save()
        return act

    def _sale(self, facts: SaleFacts) -> Sale:
        """Made when it is first named. One that is there keeps its facts; a row that contradicts its day is refused."""
        sale = self._sales.get(facts.code) or Sale.objects.filter(code=facts.code).first()
        if not sale:
            if not facts.held_on:
                raise RowRefused(f"sale {facts.code!r} is new and has no {FIELDS['sale_date']}")
            sale = Sale(code=facts.code, title=facts.title, held_on=facts.held_on)
            if facts.currency:
                sale.currency = facts.currency
            sale.save()
        elif facts.held_on and facts.held_on != sale.held_on:
            raise RowRefused(
                f"{FIELDS['sale_date']} {facts.held_on} contradicts sale {facts.code!r}, held on {sale.held_on}"
            )
        self._sales[facts.code] = sale
        return sale

    def _category(self, name: str) -> Category | None:
        if not name:
            return None
        folded = name.casefold()
        if folded not in self._categories:
            found = Category.objects.filter(name__iexact=name).first()
            self._categories[folded] = found or Category.objects.create(name=name, slug=_free_slug(name))
        return self._categories[folded]

    def _save_photos(self, item: Item, entry: Entry, outcome: Outcome) -> None:
        known = self._photos.setdefault(item.pk, {})
        for position, (chosen, received) in enumerate(zip(entry.matched.photos, entry.received, strict=True)):
            if received.refused:
                outcome.problems.append(received.refused)
            elif photo := known.get(received.sha256):
                outcome.known_photos += 1
                if entry.matched.by_column and photo.pk:
                    self._arrange(photo, chosen.role or photo.role, position)
            elif received.picture:
                try:
                    photo = self._save_photo(item, received.picture, chosen.role, chosen.name, position)
                except PictureNotStored as error:
                    if isinstance(error.__cause__, StorageAway):
                        raise error.__cause__ from error  # it is none of this photo's doing, nor of the next ones'
                    outcome.problems.append(f"photo {chosen.name!r} was not taken: {error}")
                    continue
                known |= {photo.sha256: photo, photo.stored_sha256: photo}
                outcome.photos += 1

    def _save_photo(self, item: Item, picture: Picture, role: str, name: str, position: int) -> Photo:
        role = role or Photo.Role.FRONT
        if self._dry_run:
            return Photo(role=role, sha256=picture.sha256, stored_sha256=picture.stored_sha256)
        # The key follows from the item and the bytes: a batch that is done again after a kill writes the same files.
        key = uuid.uuid5(_PHOTO_KEYS, f"{item.source_key or (item.sale_id, item.lot)} {picture.sha256}")
        if Photo.objects.filter(key=key).exists():
            key = uuid.uuid4()
        default_storage.delete(file_name(key))
        photo = save_photo(item, picture, role=role, original_name=name, position=position, key=key)
        self._stored.append(photo.file.name or "")
        return photo

    def _arrange(self, photo: Photo, role: str, position: int) -> None:
        """The file's column says what the photo shows and which comes first."""
        if (photo.role, photo.position) != (role, position):
            photo.role, photo.position = role, position
            photo.save(update_fields=["role", "position"])


def _arranged(photos: Sequence[Photo | None], entry: Entry) -> bool:
    """Whether the item's photos have the order and roles that the file's columns say."""
    return all(
        photo and photo.position == position and chosen.role in ("", photo.role)
        for position, (photo, chosen) in enumerate(zip(photos, entry.matched.photos, strict=True))
    )


def _free_slug(name: str) -> str:
    slug = slugify(name)[:90] or "category"
    taken = set(Category.objects.filter(slug__startswith=slug).values_list("slug", flat=True))
    return next(
        free for number in range(len(taken) + 1) if (free := f"{slug}-{number}" if number else slug) not in taken
    )
