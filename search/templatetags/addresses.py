"""Addresses that never change while the site runs: each page has forty, and each is worked out once."""

from functools import cache

from django import template
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
@cache
def asset(path: str) -> SafeString:
    """Of a file in static/, as {% static %} has it."""
    return escape(static(path))


@register.simple_tag
@cache
def address(name: str) -> SafeString:
    """Of a page whose address has nothing variable, as {% url %} has it."""
    return escape(reverse(name))
