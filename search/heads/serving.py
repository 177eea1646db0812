"""Which head serves: the trained one that was promoted, else whitening, fitted anew with each build."""

from django.conf import settings
from django.db.models import Count, QuerySet

from search import features, standing
from search.head import Head, HeadError, LearnedHead, WhiteningHead, parse_head
from search.models import Feature, IndexBuild, Standing, TrainedHead


def serving_head(encoder: str) -> Head | None:
    """The promoted head for this network's features; None where none was.

    Raises HeadError where the bytes in the database are damaged, or not those of that name.
    """
    row = _serving(encoder)
    return head_of(row) if row else None


def head_to_build(encoder: str, up_to: int) -> Head:
    """What a build is made with: the promoted head, else whitening fitted on features up to the id `up_to`.

    Raises HeadError where the promoted head is damaged: `manage.py rollback_head` takes it out of service.
    """
    return serving_head(encoder) or fit_whitening(encoder, up_to)


def fit_whitening(encoder: str, up_to: int) -> WhiteningHead:
    """Whitening of the catalogue's own features; raises HeadError where there are none."""
    return WhiteningHead.fit(features.sample(encoder, up_to, features.width_of(encoder)), settings.HEAD_DIM)


def encoder_to_train() -> str:
    """The network that is searched; without an index that which has seen the most photos; empty without features."""
    current = IndexBuild.objects.filter(is_current=True).first()
    if current:
        return current.encoder
    counted = Feature.objects.values("encoder").annotate(photos=Count("id")).order_by("-photos").first()
    return counted["encoder"] if counted else ""


def rebuild_reason(encoder: str, head: str) -> str:
    """Why a build made with the head called `head` should be made anew, in words; empty where it should not."""
    row = _serving(encoder)
    if row and row.name != head:
        return f"The head {row.name} was promoted."
    if row is None and TrainedHead.objects.filter(name=head).exists():
        return f"The head {head} was taken out of service."
    return ""


def head_of(row: TrainedHead) -> Head:
    """The head that a row keeps; raises HeadError where its bytes are damaged, or not those of its name."""
    head = parse_head(bytes(row.content), f"The head kept as {row.name}")
    if head.name != row.name:
        raise HeadError(f"The bytes kept as {row.name} are those of {head.name}.")
    return head


def keep(head: LearnedHead, row: TrainedHead) -> TrainedHead:
    """Put the head into the row, which is saved as a candidate; one of the same name is replaced, unless it serves."""
    row.name, row.content, row.standing = head.name, head.as_file(), Standing.CANDIDATE
    known = TrainedHead.objects.filter(name=head.name).first()
    if known and known.standing == Standing.SERVING:
        return known
    row.pk = known.pk if known else None
    row.save()
    return row


def promote(name: str) -> TrainedHead:
    """Let the head called `name` serve from the next build on; the one before retires.

    Raises TrainedHead.DoesNotExist, or HeadError where it can't be read.
    """
    row = TrainedHead.objects.get(name=name)
    head_of(row)
    standing.promote(_all_of(row.encoder), row)
    return row


def rollback(encoder: str) -> str:
    """Back to the head that served before, or to whitening; its name, "" for whitening.

    What is taken out of service becomes a candidate again. Raises HeadError where no trained head serves.
    """
    row = _serving(encoder)
    if row is None:
        raise HeadError(f"No trained head serves {encoder}: there is nothing to go back from.")
    return standing.go_back(_all_of(encoder), row)


def follow_build(encoder: str, head: str) -> None:
    """Make the standing agree with a build that was gone back to: its head serves, or none where it was whitened.

    Without this the next rebuild would bring back what was just rolled back.
    """
    if _all_of(encoder).filter(name=head).exists():
        promote(head)
    else:
        standing.demote(_all_of(encoder))


def _all_of(encoder: str) -> QuerySet[TrainedHead]:
    return TrainedHead.objects.filter(encoder=encoder)


def _serving(encoder: str) -> TrainedHead | None:
    return standing.serving(_all_of(encoder))
