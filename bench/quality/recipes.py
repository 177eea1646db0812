"""What is compared: the product's own recipes, and encoder choices that are no profile."""

from functools import partial

from search.encoder import Encoder, load_encoder
from search.evaluation import recipes as ours
from search.evaluation.recipes import Recipe


def _padded_mobilenet() -> Encoder:
    # Here, not above: torch costs seconds, and not every recipe needs it.
    from search.encoders.torchvision_nets import mobilenet_v2

    return mobilenet_v2(fit="pad")


RECIPES = {
    **ours.RECIPES,
    "vgg16": Recipe("VGG16, 25,088 numbers, exact", partial(load_encoder, "vgg16"), ours.as_it_comes),
    "padded": Recipe("MobileNetV2, padded not squashed, whitened", _padded_mobilenet, ours.whitened, learns=True),
}
