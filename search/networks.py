"""Which fine-tuned network serves: the one that was promoted; without one, the network of the setting ENCODER."""

import hashlib
from pathlib import Path

from django.conf import settings

from search import standing, weights
from search.encoder import HOUSE, EncoderError, networks_of
from search.heads.projection import write_durably
from search.models import Network, Standing


def wanted_setting() -> str:
    """What `load_encoder` is to be given for photos from now on.

    A fine-tuned network takes the place of the one that it was made from, where that is one of several joined.
    """
    row = _serving()
    if row is None:
        return settings.ENCODER
    parts = networks_of(settings.ENCODER)
    return "+".join(HOUSE + row.name if part == row.base else part for part in parts if row.base in parts) or (
        HOUSE + row.name
    )


def weights_of(name: str) -> tuple[Network, bytes]:
    """The network called `name` and its weights; raises EncoderError where the file is gone or another one."""
    row = Network.objects.filter(name=name).first()
    if row is None:
        raise EncoderError(f"There is no fine-tuned network called {name!r}. See: manage.py finetune --list")
    path = Path(settings.WEIGHTS_DIR) / row.file
    content = weights.read_file(path)
    found = hashlib.sha256(content).hexdigest()
    if found != row.sha256:
        raise EncoderError(
            f"The weights file {path} is not the one that was trained and was not loaded: "
            f"expected sha256 {row.sha256}, found {found}."
        )
    return row, content


def keep(name: str, content: bytes, row: Network) -> Network:
    """Put the weights under WEIGHTS_DIR, durably, and the row beside them as a candidate; an equal one is kept."""
    if known := Network.objects.filter(name=name).first():
        return known
    row.name, row.file, row.sha256 = name, f"{name}.pth", hashlib.sha256(content).hexdigest()
    path = Path(settings.WEIGHTS_DIR) / row.file
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    write_durably(fresh, content)
    fresh.replace(path)
    row.standing = Standing.CANDIDATE
    row.save()
    return row


def promote(name: str) -> Network:
    """From now on embed the catalogue with the network called `name`; the old one serves until all photos are.

    Raises EncoderError where there is no such network, or its weights are not there.
    """
    row, _ = weights_of(name)
    standing.promote(Network.objects.all(), row)
    return row


def rollback() -> str:
    """Back to the network that was promoted before, or to that of the settings; its name, "" for the latter.

    Raises EncoderError where no fine-tuned network serves.
    """
    row = _serving()
    if row is None:
        raise EncoderError("No fine-tuned network serves: there is nothing to go back from.")
    return standing.go_back(Network.objects.all(), row)


def follow_build(encoder: str) -> None:
    """Make the standing agree with a build that was gone back to, so that the next rebuild does not undo it."""
    if row := Network.objects.filter(name__in=encoder.split("+")).first():
        promote(row.name)
    else:
        standing.demote(Network.objects.all())


def _serving() -> Network | None:
    return standing.serving(Network.objects.all())
