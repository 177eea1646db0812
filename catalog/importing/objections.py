"""What the database and the model object to, as sentences about a row."""

from django.core.exceptions import ValidationError

from catalog.importing.layout import FIELDS
from catalog.models import Item


def sentences(error: ValidationError) -> list[str]:
    if not hasattr(error, "error_dict"):
        return [_lowered(message) for message in error.messages]
    return [
        _lowered(message) if name == "__all__" else f"{FIELDS.get(name, name)}: {_lowered(message)}"
        for name, messages in error.message_dict.items()
        for message in messages
    ]


def _lowered(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:].removesuffix(".")


def reasons(item: Item, error: Exception) -> list[str]:
    """What the database objects to, in the model's own words."""
    if "item_lot_once_in_a_sale" in str(error) or "catalog_item.sale_id, catalog_item.lot" in str(error):
        return [f"lot {item.lot} of sale {item.sale.code if item.sale else '–'} is another item in the catalogue"]
    try:
        item.full_clean(exclude=["sale", "category"])
    except ValidationError as invalid:
        return sentences(invalid)
    return [f"the database refused it ({error})"]
