"""The page "Statistics" is open to all staff, in light and dark, on a desk and in a hand, without scripts too."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from tests.browser.conftest import Browse, flaws
from tests.catalog.test_statistics import passed, sold


@pytest.mark.slow
def test_it_keeps_nobody_out_and_fits(browse: Browse, viewer: User) -> None:
    for year in range(2021, 2025):
        for hammer in range(100, 700, 100):
            sold(f"{year}-03-01", hammer * (year - 2020), hammer * 5)
        passed(f"{year}-05-01")
    page = browse("/statistics/", viewer)
    page.locator(".figures-behind > summary").click()

    expect(page.get_by_role("img", name="Median hammer price")).to_be_visible()
    assert flaws(page) == []

    page.locator("[name=every]").select_option("Quarters")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", name="By quarter")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename.startswith("statistics-2021-01-01")
