"""Photos in the admin's templates."""

from django import template
from django.utils.safestring import SafeString

from catalog.admin import thumbnails
from catalog.models import Item, Photo

register = template.Library()


@register.simple_tag
def thumbnail(shown: Item | Photo, size: int = 64) -> SafeString | str:
    """The photo, or the item's first one."""
    photo = shown if isinstance(shown, Photo) else next(iter(shown.photos.all()), None)
    return thumbnails.thumbnail(photo, size)


@register.simple_tag
def photo_state(photo: Photo) -> SafeString:
    return thumbnails.state(photo)
