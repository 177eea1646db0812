"""Evaluations in the database."""

from dataclasses import asdict

from search.evaluation.recipes import HOUSE, LEARNED
from search.evaluation.run import Evaluated
from search.models import Evaluation, IndexBuild, TrainedHead


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
        facts=content["facts"] | {"serving": _recipe_of(head or "")},
    )


def _recipe_of(head: str) -> str:
    """The recipe that stands for a head: the one that made it, in each fold anew."""
    return LEARNED if TrainedHead.objects.filter(name=head).exists() else HOUSE
