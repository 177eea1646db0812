"""Networks that were fine-tuned on the house's own photos, and those that they start from."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import nn

from search import networks, weights
from search.encoder import Encoder, EncoderError
from search.encoders.network import NetworkEncoder
from search.encoders.preprocessing import Preprocessing
from search.encoders.torchvision_nets import bare_network, encoder_of, gem_encoder_of, pooled, pooled_name

_LAST_BLOCKS = 5  # of MobileNetV2's 19: from 7 × 7 places of 96 numbers on, two thirds of all weights


@dataclass(frozen=True, eq=False)
class Start:
    """A network to fine-tune: `net` maps (n, 3, side, side) to features (n, d); `last` are its last blocks.

    What is kept of it is the state of `whole`, of which `net` is made.
    """

    net: nn.Module
    whole: nn.Module
    preprocessing: Preprocessing
    last: tuple[nn.Module, ...]
    named: Callable[[bytes], str]  # from the tuned weights to the name of their features


def finetuned(name: str) -> Encoder:
    """The fine-tuned network called `name`; raises EncoderError where its weights are gone or damaged."""
    row, content = networks.weights_of(name)
    if row.base not in _BASES:
        raise EncoderError(f"The network {name} was made from {row.base!r}, which this version does not know.")
    return _BASES[row.base].encoder(content, row.file)


def start(base: str) -> Start:
    """The pretrained network called `base`, to be trained on; raises EncoderError where it can't be had."""
    if base not in _BASES:
        raise EncoderError(f"{base!r} can't be fine-tuned. There are: {', '.join(_BASES)}.")
    pinned, how = weights.MOBILENET_V2, _BASES[base]
    net, preprocessing, _ = bare_network("mobilenet_v2", weights.read(pinned), pinned.file_name)
    last = tuple(net.get_submodule("features").children())[-_LAST_BLOCKS:]
    return Start(
        how.seen(net), net, preprocessing, last, lambda tuned: how.named(bare_network("mobilenet_v2", tuned, "it")[2])
    )


@dataclass(frozen=True)
class _Base:
    encoder: Callable[[bytes, str], NetworkEncoder]
    seen: Callable[[nn.Module], nn.Module]  # from the network to what gives features
    named: Callable[[str], str]


_BASES = {
    "mobilenet_v2": _Base(lambda content, origin: encoder_of("mobilenet_v2", content, origin), lambda net: net, str),
    "mobilenet_v2_gem": _Base(gem_encoder_of, pooled, pooled_name),
}
