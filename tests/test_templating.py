"""What a page showed is let go of when the page is written, not when Python next looks for garbage."""

import gc
import weakref
from collections.abc import Iterator

import pytest
from django.template import TemplateDoesNotExist, engines
from django.test import RequestFactory


class Shown:
    name = "Vase"


@pytest.fixture
def nobody_looks_for_garbage() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("nobody_looks_for_garbage")
def test_what_a_page_showed_goes_with_the_page() -> None:
    template = engines["django"].from_string("{% with again=thing %}{{ again.name }}{% endwith %}")
    thing = Shown()
    gone = weakref.ref(thing)

    assert template.render({"thing": thing}, RequestFactory().get("/")) == "Vase"

    del thing
    assert gone() is None


def test_a_partial_that_is_not_there_is_named() -> None:
    template = engines["django"].from_string("{% include 'search/never.html' %}")
    with pytest.raises(TemplateDoesNotExist, match=r"search/never\.html"):
        template.render({})
