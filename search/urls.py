"""The addresses of the staff's search and of the seller's page."""

from django.urls import path, register_converter

from search.seller.seal import SealedKey
from search.views import (
    health,
    items,
    judging,
    prices,
    quality,
    seller,
    sheets,
    statistics,
    status,
    warnings,
    workfiles,
)
from search.views import search as searching

register_converter(SealedKey, "sealed")

urlpatterns = [
    path("", searching.search, name="search"),
    path("search/<uuid:key>/", searching.results, name="results"),
    path("search/<uuid:key>/photos/", searching.add, name="add-photos"),
    path("search/<uuid:key>/photos/<uuid:photo>/crop/", searching.crop, name="crop"),
    path("search/<uuid:key>/photos/<uuid:photo>/remove/", searching.remove, name="remove-photo"),
    path("search/<uuid:key>/judge/<int:pk>/", judging.judge_result, name="judge"),
    path("search/<uuid:key>/sheet/", sheets.question_sheet, name="sheet"),
    path("search/<uuid:key>/sheet/save/", sheets.save_question_sheet, name="sheet-save"),
    path("like/<int:pk>/", searching.like, name="like"),
    path("like/<int:asked>/judge/<int:pk>/", judging.judge_like, name="judge-like"),
    path("items/<int:pk>/", items.item, name="item"),
    path("items/<int:pk>/sheet/", sheets.item_sheet, name="item-sheet"),
    path("items/<int:pk>/sheet/save/", sheets.save_item_sheet, name="item-sheet-save"),
    path("workfiles/", workfiles.workfiles, name="workfiles"),
    path("workfiles/<uuid:key>/", workfiles.workfile, name="workfile"),
    path("workfiles/<uuid:key>/csv/", workfiles.workfile_as_csv, name="workfile-csv"),
    path("prices/", prices.prices, name="prices"),
    path("prices/<uuid:key>/", prices.prices, name="prices-run"),
    path("quality/", quality.quality, name="quality"),
    path("quality/<uuid:key>/", quality.quality, name="quality-run"),
    path("statistics/", statistics.statistics, name="statistics"),
    path("statistics/figures.csv", statistics.as_csv, name="statistics-csv"),
    path("warnings/", warnings.warnings, name="warnings"),
    path("warnings/estimates.csv", warnings.as_csv, name="warnings-csv"),
    path("items/<int:pk>/verdict/", warnings.verdict, name="verdict"),
    path("sell/", seller.seller, name="seller"),
    path("sell/<sealed:key>/", seller.seller_answer, name="seller-answer"),
    path("sell/<sealed:key>/enquiry/", seller.seller_enquiry, name="seller-enquiry"),
    path("sell/<sealed:key>/forget/", seller.seller_forget, name="seller-forget"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("status/", status.status, name="status"),
]
