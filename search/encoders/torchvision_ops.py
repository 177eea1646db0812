"""Makes `torchvision` importable beside any torch build, and hands out its `models`.

torchvision's Linux wheel is built for CUDA. Beside a CPU build of torch its compiled operators can't be loaded, and
`import torchvision` dies with "operator torchvision::nms does not exist", because it describes the shapes of two of
them while it is imported. Declaring these two is enough: networks, transforms and pure-Python operators then work;
the compiled operators themselves (nms, roi_align), which no encoder uses, do not.
"""

from importlib.util import find_spec
from pathlib import Path

import torch

_DECLARED: list[torch.library.Library] = []  # a Library that is collected takes its operators with it


def declare_missing_operators() -> bool:
    """Declare nms and qnms if torchvision's own can't be loaded; True if that was needed."""
    if _operators_are_there():
        return False
    _load_compiled_operators()
    if _operators_are_there():
        return False
    library = torch.library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")  # type: ignore[no-untyped-call]
    _DECLARED.append(library)
    return True


def _operators_are_there() -> bool:
    return hasattr(torch.ops.torchvision, "nms")


def _load_compiled_operators() -> None:
    # Where the builds match, torchvision must define its own: ours would clash with them.
    spec = find_spec("torchvision")
    for place in (spec.submodule_search_locations or []) if spec else []:
        for compiled in Path(place).glob("_C*.so"):
            try:
                torch.ops.load_library(str(compiled))  # type: ignore[no-untyped-call]
            except OSError:
                return


declare_missing_operators()

from torchvision import models  # noqa: E402  the declaration above must come first

__all__ = ["declare_missing_operators", "models"]
