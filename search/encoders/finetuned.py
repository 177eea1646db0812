"""Networks that were fine-tuned on the house's own photos, and those that they start from."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import nn

from search import networks, weights
from search.encoder import Encoder, EncoderError
from search.encoders.preprocessing import Preprocessing
from search.encoders.torchvision_nets import bare_network, encoder_of

_MOBILENET_BLOCKS = 5  # of 19: from 7 × 7 places of 96 numbers on, two thirds of all weights


@dataclass(frozen=True, eq=False)
class Start:
    """A network to fine-tune: `net` maps (n, 3, side, side) to features (n, d); `last` are its last blocks."""

    net: nn.Module
    preprocessing: Preprocessing
    last: tuple[nn.Module, ...]
    named: Callable[[bytes], str]  # from the tuned weights to the name of their features


def finetuned(name: str) -> Encoder:
    """The fine-tuned network called `name`; raises EncoderError where its weights are gone or damaged."""
    row, content = networks.weights_of(name)
    if row.base not in BASES:
        raise EncoderError(f"The network {name} was made from {row.base!r}, which this version does not know.")
    return encoder_of(row.base, content, row.file)


def start(base: str) -> Start:
    """The pretrained network called `base`, to be trained on; raises EncoderError where it can't be had."""
    if base not in BASES:
        raise EncoderError(f"{base!r} can't be fine-tuned. There are: {', '.join(BASES)}.")
    return BASES[base]()


def _mobilenet_v2() -> Start:
    pinned = weights.MOBILENET_V2
    net, preprocessing, _ = bare_network("mobilenet_v2", weights.read(pinned), pinned.file_name)
    last = tuple(net.get_submodule("features").children())[-_MOBILENET_BLOCKS:]
    return Start(net, preprocessing, last, lambda tuned: bare_network("mobilenet_v2", tuned, "the tuned weights")[2])


BASES: dict[str, Callable[[], Start]] = {"mobilenet_v2": _mobilenet_v2}
