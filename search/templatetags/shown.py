"""How photos, money, dates and icons are shown in templates."""

from decimal import Decimal
from functools import cache
from html import escape

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from catalog.derivatives import WIDTHS
from catalog.media import signed_url
from catalog.models import Item, Photo
from catalog.money import format_amount
from search.models import QueryPhoto, WorkfilePhoto

register = template.Library()

# Drawn for this site on a grid of 24, in strokes.
ICONS = {
    "brand": '<path d="M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5"/><circle cx="12" cy="12" r="2.6" fill="currentColor"/>',
    "photos": '<rect x="3" y="7" width="14" height="13" rx="1.5"/><path d="M7 4h12.5A1.5 1.5 0 0 1 21 5.5V16"/>'
    '<path d="m3 17 4-4 3.5 3.5L13 14l4 4"/>',
    "camera": '<path d="M3 8.5A1.5 1.5 0 0 1 4.5 7H8l1.5-2.5h5L16 7h3.5A1.5 1.5 0 0 1 21 8.5v9'
    'a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 17.5z"/><circle cx="12" cy="13" r="3.5"/>',
    "crop": '<path d="M7 2.5V17h14.5M2.5 7H17v14.5"/>',
    "whole": '<path d="M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5"/>',
    "like": '<rect x="3" y="3" width="8" height="8" rx="1"/><rect x="13" y="3" width="8" height="8" rx="1"/>'
    '<rect x="3" y="13" width="8" height="8" rx="1"/><path d="M17 14v6M14 17h6"/>',
    "compare": '<rect x="3" y="5" width="8" height="14" rx="1"/><rect x="13" y="5" width="8" height="14" rx="1"/>',
    "tiles-small": '<path d="M4 4h3v3H4zM10.5 4h3v3h-3zM17 4h3v3h-3zM4 10.5h3v3H4zM10.5 10.5h3v3h-3zM17 10.5h3v3h-3z'
    'M4 17h3v3H4zM10.5 17h3v3h-3zM17 17h3v3h-3z"/>',
    "tiles-medium": '<path d="M4 4h6.5v6.5H4zM13.5 4H20v6.5h-6.5zM4 13.5h6.5V20H4zM13.5 13.5H20V20h-6.5z"/>',
    "tiles-large": '<rect x="4" y="4" width="16" height="16" rx="1"/>',
    "close": '<path d="m6 6 12 12M18 6 6 18"/>',
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "minus": '<path d="M5 12h14"/>',
    "left": '<path d="m14.5 5-7 7 7 7"/>',
    "right": '<path d="m9.5 5 7 7-7 7"/>',
    "down": '<path d="m6 9.5 6 6 6-6"/>',
    "zoom": '<circle cx="10.5" cy="10.5" r="6.5"/><path d="m20.5 20.5-5.2-5.2M10.5 8v5M8 10.5h5"/>',
    "theme": '<circle cx="12" cy="12" r="8.5"/><path d="M12 3.5v17A8.5 8.5 0 0 0 12 3.5z" fill="currentColor"/>',
    "help": '<circle cx="12" cy="12" r="8.5"/><path d="M9.7 9.4a2.4 2.4 0 1 1 3.5 2.2c-.8.4-1.2.9-1.2 1.7v.3"/>'
    '<path d="M12 16.6v.1"/>',
    "person": '<circle cx="12" cy="8.5" r="3.7"/><path d="M4.5 20c.8-3.8 3.7-5.7 7.5-5.7s6.7 1.9 7.5 5.7"/>',
    "edit": '<path d="M4 20h4L19.5 8.5a2.1 2.1 0 0 0-3-3L5 17z"/>',
    "pin": '<path d="M9 4h6l-.8 6 3.3 3.5h-11L9.8 10z"/><path d="M12 13.5V21"/>',
    "sheet": '<rect x="4" y="3.5" width="16" height="17" rx="1"/><path d="M4 9h16M4 14.5h16M9.5 9v11.5"/>',
    "filter": '<path d="M4 6.5h16M7 12h10M10 17.5h4"/>',
}


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    return mark_safe(  # noqa: S308 - from the table above only
        f'<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{ICONS[name]}</svg>'
    )


@register.simple_tag
def money(amount: Decimal | None, currency: str) -> str:
    return format_amount(amount, currency)


@register.filter
def offered(item: Item) -> str:
    """When, where and as what it was offered: "5 Oct 2024, Autumn sale, lot 27A"."""
    if item.sale is None:
        return "Not in a sale"
    lot = f", lot {item.lot}" if item.lot else ""
    return f"{item.sale.held_on:%-d %b %Y}, {item.sale.title or item.sale.code}{lot}"


@register.filter
def fetched(item: Item) -> str:
    """What came of it: "hammer €1,250, €1,562.50 with premium" or "passed, start price €80"."""
    if item.status == Item.Status.SOLD:
        premium = f", {format_amount(item.total, item.currency)} with premium" if item.total else ""
        return f"hammer {format_amount(item.hammer, item.currency)}{premium}"
    if item.status == Item.Status.PASSED and item.start_price:
        return f"passed, start price {format_amount(item.start_price, item.currency)}"
    return item.get_status_display().lower()


@register.filter
def percent(share: float) -> str:
    """0.834 as "83%": a length in a drawing, never below nought."""
    return f"{100 * min(max(share, 0.0), 1.0):.0f}%"


@register.simple_tag
def photo(shown: Photo | QueryPhoto, sizes: str, *, alt: str = "", loading: str = "lazy", name: str = "") -> SafeString:
    """An <img> of the photo in all its widths; width and height keep its place while it loads."""
    file = shown.file.name or ""
    least = escape(signed_url(file, WIDTHS[0]))
    links = [f"{escape(signed_url(file, width))} {min(width, shown.width)}w" for width in _widths(shown.width)]
    marked = f' class="{escape(name)}"' if name else ""
    return mark_safe(  # noqa: S308 - all that is put in is escaped, or a number
        f'<img src="{least}" srcset="{", ".join(links)}"'
        f' sizes="{escape(sizes)}" width="{shown.width}" height="{shown.height}" alt="{escape(alt)}"'
        f' loading="{escape(loading)}" decoding="async"{marked}>'
    )


@register.simple_tag
def photo_at(shown: Photo | QueryPhoto, width: int) -> str:
    """The address of the photo at one of its widths."""
    return signed_url(shown.file.name or "", width)


@register.simple_tag
def kept_photo(shown: WorkfilePhoto) -> SafeString:
    """An <img> of a workfile's own copy, as it was kept; all at once, so that none is missing in print."""
    return format_html(
        '<img src="{}" width="{}" height="{}" alt="" decoding="async">',
        signed_url(shown.file.name or "", None),
        shown.width,
        shown.height,
    )


def _widths(width: int) -> list[int]:
    """Every width up to the first that shows all that the photo has."""
    smaller = [each for each in WIDTHS if each < width]
    return [*smaller, *[each for each in WIDTHS if each >= width][:1]]
