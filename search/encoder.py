"""The seam to a network: a photo goes in, raw features come out, under a name that says which network made them."""

import importlib
import io
import threading
from collections.abc import Callable, Sequence
from typing import Protocol, cast, runtime_checkable

import numpy as np
from django.conf import settings
from numpy.typing import NDArray
from PIL import Image


class EncoderError(Exception):
    """A network can't be had or gave nonsense; the message is a sentence for whoever runs the house's server."""


class NoMemory(EncoderError):
    """There is no memory for even one photo just now, which is no photo's fault."""


@runtime_checkable
class Encoder(Protocol):
    """What every network looks like from outside.

    `name` changes whenever the vectors do (architecture, weights, input size, how a photo is made square):
    vectors of two names are never compared.
    """

    name: str
    dim: int

    def encode(self, pictures: Sequence[Image.Image]) -> NDArray[np.float32]:
        """Raw features, float32 (n, dim), finite, not normalised; raises EncoderError."""
        ...


_PIXELS_SEEN = 512  # a side: at least twice what the usual networks look at


def open_whole(jpeg: bytes) -> Image.Image:
    """One of our own JPEGs, loaded for `encode`: large ones at a half, a quarter or an eighth of their size.

    JPEG can be decoded small at once: 2,048 × 1,536 pixels cost 11 ms instead of 21, squashing included, and the
    features stay the same (cosine at least 0.9996 over 20 detailed photos). Raises whatever Pillow raises.
    """
    picture = Image.open(io.BytesIO(jpeg), formats=("JPEG",))
    picture.draft("RGB", (_PIXELS_SEEN, _PIXELS_SEEN))
    picture.load()
    return picture


# Two profiles, chosen by measurement (docs/benchmarks.md): quick and small, or better for ten times the time.
_PROFILES = {"light": "mobilenet_v2", "strong": "mobilenet_v2_gem+dinov2_s"}
# Factories are named, not imported: torch costs seconds and only whoever embeds should pay for it.
_BUILT_IN = {
    "mobilenet_v2": "search.encoders.torchvision_nets:mobilenet_v2",
    "mobilenet_v2_gem": "search.encoders.torchvision_nets:mobilenet_v2_gem",
    "dinov2_s": "search.encoders.dinov2:dinov2_s",
    "vgg16": "search.encoders.vgg16:vgg16",
}
_BY_NAME = "search.encoders.torchvision_nets:from_weights_file"
_FINE_TUNED = "search.encoders.finetuned:finetuned"
_JOINED = "search.encoders.joined:JoinedEncoder"
HOUSE = "house/"  # before the name of a network that was fine-tuned here (search.networks)

_loaded: dict[tuple[str, ...], Encoder] = {}
_loading = threading.RLock()  # a joined encoder loads its parts under it


def load_encoder(name: str | None = None) -> Encoder:
    """The network called `name` (default: the setting ENCODER), loaded once a process and kept warm.

    `name` is a profile, "light" or "strong"; one of the networks below; any torchvision classification network with
    ENCODER_WEIGHTS set; "module:factory" for a network of one's own; "house/" and the name of one that was fine-tuned
    here; or several of these with "+" between them. CUDA does not survive a fork: call this in the child.
    """
    asked = name or settings.ENCODER
    wanted = _PROFILES.get(asked, asked)
    weights_file = settings.ENCODER_WEIGHTS if asked == settings.ENCODER else ""
    # All that shapes the encoder is in the key, so a changed setting never gets the old network.
    key = (
        wanted,
        weights_file,
        settings.ENCODER_DEVICE,
        settings.ENCODER_BF16,
        str(settings.ENCODER_BATCH),
        str(settings.ENCODER_THREADS),
    )
    with _loading:
        if key not in _loaded:
            _loaded[key] = _build(wanted, weights_file)
        return _loaded[key]


def is_loaded() -> bool:
    """Whether this process has a network in memory already; asking loads none."""
    return bool(_loaded)


def networks_of(name: str) -> list[str]:
    """The networks that `name`, a value of the setting ENCODER, is made of."""
    return _PROFILES.get(name, name).split("+")


def import_code(name: str) -> None:
    """Import what `load_encoder(name)` needs, which takes longer than to load it; raises EncoderError.

    For a process that forks: its children, which alone may load a network, then start in a third of the time.
    """
    for part in networks_of(name):
        _factory(_source(part, settings.ENCODER_WEIGHTS)[0])


def _build(wanted: str, weights_file: str) -> Encoder:
    if "+" in wanted:
        if weights_file:
            raise EncoderError(f"ENCODER is {wanted!r}: leave ENCODER_WEIGHTS empty, it is for a single network.")
        # Loaded one by one under their own names: whoever serves with one of them has it in memory once.
        encoder = _factory(_JOINED)([load_encoder(part) for part in wanted.split("+")])
    else:
        factory, given = _source(wanted, weights_file)
        encoder = _factory(factory)(*given)
    if not isinstance(encoder, Encoder):
        raise EncoderError(f"ENCODER is {wanted!r}, but what it makes has no name, dim and encode().")
    return encoder


def _source(wanted: str, weights_file: str) -> tuple[str, tuple[str, ...]]:
    """The factory of a single network, and what it is to be given."""
    if wanted.startswith(HOUSE):
        return _FINE_TUNED, (wanted.removeprefix(HOUSE),)
    if ":" in wanted:
        return wanted, ()
    if weights_file or wanted not in _BUILT_IN:
        return _BY_NAME, (wanted, weights_file)
    return _BUILT_IN[wanted], ()


def _factory(dotted: str) -> Callable[..., object]:
    module_name, _, attribute = dotted.partition(":")
    try:
        return cast(Callable[..., object], getattr(importlib.import_module(module_name), attribute))
    except (ImportError, AttributeError, ValueError) as error:
        raise EncoderError(
            f"The encoder {dotted!r} can't be imported: {error}. Set ENCODER to module:factory."
        ) from error
