"""I2, I3 and I6: each photo ends searchable or failed with a reason, and has one sound feature of each network."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import chain

from django.core.files.storage import default_storage
from django.db.models import Count, Exists, Max, OuterRef, QuerySet
from django.db.models.functions import Length, Now
from django.utils import timezone

from catalog.models import Photo
from catalog.soundness import Looked, Violation, slices
from search.features import is_sound, unpack
from search.models import Feature, QueryPhoto, WorkfilePhoto
from search.wanted import current_build

GRACE = timedelta(minutes=10)  # for so long a photo may wait before somebody should have taken it


def ends(looked: Looked, *, settled: bool) -> Iterator[Violation]:
    """I2: nobody waits for ever, and who failed says why. `settled`: nobody may wait at all."""
    looked["photos failed with a reason"] += Photo.objects.filter(status="failed").exclude(failure="").count()
    for photo in chain.from_iterable(slices(Photo.objects.filter(status="failed", failure=""))):
        yield Violation("I2", f"Photo {photo.pk} failed without a reason.", _requeue(photo))
    looked["photos waiting"] += Photo.objects.waiting().count()
    waiting = Photo.objects.waiting()
    if not settled:
        # A long queue is no fault while it moves; a lease that ended long ago is one in any case.
        newest = Feature.objects.aggregate(at=Max("created_at"))["at"]
        moves = newest is not None and newest > timezone.now() - GRACE
        left = waiting.filter(status="processing", lease_until__lt=Now() - GRACE)
        waiting = left if moves else left | waiting.filter(status="pending", created_at__lt=Now() - GRACE)
    for photo in chain.from_iterable(slices(waiting)):
        yield Violation(
            "I2",
            f"Photo {photo.pk} is {photo.get_status_display().lower()} since {photo.created_at:%Y-%m-%d %H:%M:%S} "
            "and nobody takes it up.",
            _requeue(photo),
        )


def features(looked: Looked, *, deep: bool) -> Iterator[Violation]:
    """I3: each searchable photo has exactly one sound feature of the network that serves."""
    build = current_build()
    mine = Feature.objects.filter(photo=OuterRef("pk"))
    if build:
        mine = mine.filter(encoder=build.encoder)
    searchable = Photo.objects.filter(status="embedded")
    looked["searchable photos"] += searchable.count()
    for photo in chain.from_iterable(slices(searchable.filter(~Exists(mine)))):
        of = f" of the network that serves, {build.encoder}" if build else ""
        yield Violation("I3", f"Photo {photo.pk} counts as searchable but has no feature{of}.", _requeue(photo))
    twice = Feature.objects.values("photo", "encoder").annotate(count=Count("pk")).filter(count__gt=1).order_by()
    for row in twice.iterator():
        yield Violation("I3", f"Photo {row['photo']} has {row['count']} features of {row['encoder']}.")
    looked["features"] += Feature.objects.count()
    if deep:
        yield from _unsound(looked)


def _unsound(looked: Looked) -> Iterator[Violation]:
    widths: dict[str, int] = {}
    for name, width, _ in _widths(Feature.objects.all()):
        widths.setdefault(name, width)
    for encoder, width in widths.items():
        for some in slices(Feature.objects.filter(encoder=encoder)):
            looked["features read"] += len(some)
            whole = [row for row in some if len(row.vector) == width]
            bad = [row for row in some if len(row.vector) != width]
            if whole:
                sound = is_sound(unpack([row.vector for row in whole]))
                bad += [row for row, good in zip(whole, sound, strict=True) if not good]
            for row in bad:
                yield Violation("I3", f"The feature {row.pk} of photo {row.photo_id} can't be searched.", _anew(row))


def one_network(looked: Looked) -> Iterator[Violation]:
    """I6: vectors that bear one network's name are of one kind, in the catalogue and in questions alike."""
    known: dict[str, int] = {}
    for source, rows in (("photos", Feature.objects.all()), ("questions", QueryPhoto.objects.exclude(encoder=""))):
        for encoder, width, count in _widths(rows):
            looked["vectors"] += count
            if known.setdefault(encoder, width) != width:
                yield Violation(
                    "I6",
                    f"{count} vectors of {source} are said to be of {encoder} but have {width // 2} numbers, "
                    f"not {known[encoder] // 2}.",
                )


def asked_files(looked: Looked) -> Iterator[Violation]:
    """I4: the photos of questions and workfiles have their files."""
    for asked in chain.from_iterable(slices(QueryPhoto.objects.defer("vector"))):
        yield from _lost(looked, asked.pk, asked.file.name or "", "a question")
    for kept in chain.from_iterable(slices(WorkfilePhoto.objects.all())):
        yield from _lost(looked, kept.pk, kept.file.name or "", "a workfile")


def _lost(looked: Looked, pk: int, name: str, what: str) -> Iterator[Violation]:
    looked[f"photos of {what}"] += 1
    if not default_storage.exists(name):
        yield Violation("I4", f"Photo {pk} of {what} ({name}) has lost its file.")


def _widths(rows: "QuerySet[Feature] | QuerySet[QueryPhoto]") -> list[tuple[str, int, int]]:
    """Encoder, bytes of a vector, and how many there are: the most frequent width of an encoder first."""
    found = rows.values("encoder").annotate(width=Length("vector"), count=Count("pk"))
    return list(found.order_by("encoder", "-count").values_list("encoder", "width", "count"))


def _requeue(photo: Photo) -> Callable[[], str]:
    def mend() -> str:
        done = Photo.objects.filter(pk=photo.pk, status=photo.status).retry()
        return "It is on the to-do list again." if done else "It has changed meanwhile; nothing was done."

    return mend


def _anew(feature: Feature) -> Callable[[], str]:
    def mend() -> str:
        feature.delete()
        Photo.objects.filter(pk=feature.photo_id, status="embedded").retry()
        return "It is deleted, and its photo is on the to-do list again."

    return mend
