"""Evaluations in the database, and how they read."""

from dataclasses import asdict

from search.evaluation.run import Evaluated
from search.models import Evaluation, IndexBuild


def keep(done: Evaluated, dataset: str, encoder: str) -> Evaluation:
    """One more line of the history, with the head that serves."""
    head = IndexBuild.objects.filter(is_current=True, encoder=encoder).values_list("head", flat=True).first()
    content = asdict(done)
    return Evaluation.objects.create(
        dataset=dataset,
        encoder=encoder,
        head=head or "",
        rows=content["rows"],
        by_category=content["by_category"],
        facts=content["facts"],
    )
