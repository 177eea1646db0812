"""Django's templates, which let go of all that a page showed as soon as it is written."""

from typing import Any

from django.http import HttpRequest
from django.template import TemplateDoesNotExist
from django.template.backends.django import DjangoTemplates, Template, reraise
from django.template.context import make_context
from django.utils.safestring import SafeString


class Templates(DjangoTemplates):
    """A context and what is pushed on it know each other, so what a page showed would wait for Python's garbage
    collector: 1,400 objects a page, looked through forty thousand at a time, while which the process answers nobody.
    """

    def from_string(self, template_code: str) -> Template:
        return _LettingGo(super().from_string(template_code).template, self)

    def get_template(self, template_name: str) -> Template:
        return _LettingGo(super().get_template(template_name).template, self)


class _LettingGo(Template):
    def render(self, context: dict[str, Any] | None = None, request: HttpRequest | None = None) -> SafeString:
        shown = make_context(context, request, autoescape=self.backend.engine.autoescape)
        try:
            return self.template.render(shown)
        except TemplateDoesNotExist as missing:
            reraise(missing, self.backend)
        finally:
            shown.dicts.clear()
            shown.render_context.dicts.clear()
