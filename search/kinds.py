"""The category limit: search only within what a trained head takes the query for."""

from dataclasses import replace

import numpy as np
from django.conf import settings

from catalog.models import Category
from search.answer import Filters
from search.head import Features, Head


def within_likeliest(head: Head, features: Features, filters: Filters) -> Filters:
    """The filters, limited to the CATEGORY_LIMIT likeliest categories of the object in m photos (m, d).

    Unchanged where the setting is off, the asker has chosen categories, the head knows none, or the answer is "none of
    these". The categories come out of the pass that every search makes anyway: "Visual Search at eBay", arXiv
    1706.03154, section 4.2. Measured in docs/benchmarks.md, it loses more answers than it saves time: off by default.
    """
    if not settings.CATEGORY_LIMIT or filters.categories:
        return filters
    told = head.categories(features)
    if told is None:
        return filters
    together = told.probabilities.mean(axis=0)
    if together.max() < told.threshold:
        return filters
    likeliest = np.argsort(-together, kind="stable")[: settings.CATEGORY_LIMIT]
    known = Category.objects.filter(slug__in=[told.names[place] for place in likeliest]).order_by("pk")
    return replace(filters, categories=tuple(known.values_list("pk", flat=True)))
