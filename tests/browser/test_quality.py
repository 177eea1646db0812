"""The page "Quality" is open to all managers, in light and dark, on a desk and in a hand."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from search.models import Calibration, Network
from tests.browser.conftest import Browse, flaws
from tests.search.test_quality_page import build, check, evaluation


@pytest.mark.slow
def test_it_keeps_nobody_out_and_fits(browse: Browse, manager: User) -> None:
    page = browse("/quality/", manager)
    expect(page.get_by_text("Nothing has been measured yet.")).to_be_visible()
    assert flaws(page) == []

    current = build()
    bins = [{"promised": 0.1, "came_true": 0.12, "count": 400}, {"promised": 0.9, "came_true": 0.85, "count": 100}]
    kinds = {kind: {"reliability": bins, "calibration_error": 0.026} for kind in ("first", "alike")}
    Calibration.objects.create(encoder="toy", head=current.head, curves={}, cutoff=0, false_alarms=0.2, facts=kinds)
    Network.objects.create(name="a-network-with-a-long-name-that-says-all-of-it", base="toy", file="", sha256="")
    for number in range(12):
        evaluation(0.6 + number / 50, days_ago=12 - number)
        check(0.97 + number / 500, current)
    page.reload()
    for summary in page.locator(".figures-behind > summary").all():
        summary.click()

    expect(page.get_by_role("img", name="Right first, run by run")).to_be_visible()
    assert flaws(page) == []
