"""What a network has seen once it is not shown again: features by the photo's bytes, its part, and the network."""

from collections.abc import Collection

from search.models import Feature, Query, QueryPhoto

Box = tuple[float, float, float, float]  # left, top, right, bottom as shares of 0 to 1
Part = tuple[str, Box | None]  # sha256 of the bytes that came in, and the part of the photo; None is all of it


def features_seen(encoder: str, dim: int, parts: Collection[Part]) -> dict[Part, bytes]:
    """Those of the parts that the encoder has seen, with their features as they are stored.

    They come from what the house holds now: questions that have not expired, and the catalogue. When a seller's photo
    is forgotten, so is what was seen in it.
    """
    hashes = {sha256 for sha256, _ in parts}
    asked = QueryPhoto.objects.filter(query__in=Query.objects.alive(), sha256__in=hashes, encoder=encoder)
    shelved = Feature.objects.filter(photo__sha256__in=hashes, encoder=encoder)
    found: dict[Part, bytes] = {
        (sha256, None): bytes(vector) for sha256, vector in shelved.values_list("photo__sha256", "vector")
    }
    for sha256, crop, vector in asked.values_list("sha256", "crop", "vector"):
        found[sha256, _box(crop)] = bytes(vector)
    return {part: vector for part, vector in found.items() if part in parts and len(vector) == 2 * dim}


def _box(crop: list[float] | None) -> Box | None:
    if not crop:
        return None
    left, top, right, bottom = crop
    return left, top, right, bottom
