"""Which networks photos are to be embedded with: the one whose index serves, and the one that is to take over."""

from search.encoder import Encoder, EncoderError, load_encoder
from search.models import IndexBuild
from search.networks import wanted_setting


def wanted_encoder() -> Encoder:
    """The network of the settings, or the fine-tuned one that was promoted; raises EncoderError."""
    return load_encoder(wanted_setting())


def current_build() -> IndexBuild | None:
    return IndexBuild.objects.filter(is_current=True).first()


def held_back(encoder: str) -> bool:
    """Whether the house went back from this network: it takes over again only when somebody says so."""
    newest = IndexBuild.objects.filter(encoder=encoder, state__in=IndexBuild.GOOD).first()
    return newest is not None and newest.withdrawn_at is not None and not newest.is_current


def hold_back_no_longer() -> None:
    """Let the wanted network take over although the house went back from it; raises EncoderError."""
    IndexBuild.objects.filter(encoder=wanted_encoder().name).update(withdrawn_at=None)


def names_to_embed(wanted: str) -> list[str]:
    """Of networks: first the one whose index serves, so that a new photo is found at once, then the wanted one."""
    current = current_build()
    if current is None or current.encoder == wanted:
        return [wanted]
    return [current.encoder] if held_back(wanted) else [current.encoder, wanted]


def encoders_to_embed() -> list[Encoder]:
    """The networks of `names_to_embed`; one whose weights are gone is left out.

    Raises EncoderError where the wanted one can't be had.
    """
    wanted = wanted_encoder()
    found: list[Encoder] = []
    for name in names_to_embed(wanted.name):
        encoder = wanted if name == wanted.name else encoder_of(current_build())
        if encoder:
            found.append(encoder)
    return found or [wanted]


def encoder_of(build: IndexBuild | None) -> Encoder | None:
    """The network that a build was made with; None where it can't be had any more."""
    if build is None:
        return None
    try:
        encoder = load_encoder(build.manifest.get("encoder_setting"))
    except EncoderError:
        return None
    return encoder if encoder.name == build.encoder else None
