"""From a question's answer and a cataloguer's choice to the sheet, under the terms of the day."""

from dataclasses import replace

from django.utils import timezone

from catalog.models import Item
from catalog.money import bid_steps
from search.answer import Answer
from search.comparables import comparable_of, comparables, currency_of, evidence_of
from search.pricing import Subject
from search.pricing_house import serving_price_model, subject_of
from search.sheets.brought import Question, brought
from search.sheets.choice import Choice
from search.sheets.sheet import UNKNOWN_LIKENESS, Sheet, sheet_of
from search.sheets.terms import Terms


def chosen_sheet(
    question: Question, answer: Answer, choice: Choice, *, reserves: bool = False, moves: bool = True
) -> Sheet:
    """Without a choice its range is the one that `range_for` names. `reserves` and `moves`: see `sheet_of`."""
    subject = _subject(question, answer, choice)
    matches = () if answer.blank else evidence_of(answer, subject)
    found = {match.item.pk for match in matches}
    extra = brought([key for key in choice.pinned if key not in found], question)
    evidence = [
        *comparables([match for match in matches if match.item.pk not in choice.out]),
        *(comparable_of(each.item, UNKNOWN_LIKENESS) for each in extra if each.item.pk not in choice.out),
    ]
    currency = currency_of(evidence)
    terms = Terms(
        on=timezone.localdate(),
        currency=currency,
        subject=subject,
        model=serving_price_model(currency),
        coverage=choice.coverage,
        steps=bid_steps(currency),
        blank=answer.blank,
    )
    return sheet_of(matches, choice, terms, extra=extra, reserves=reserves, moves=moves)


def _subject(question: Question, answer: Answer, choice: Choice) -> Subject:
    """An item says what it is; of photos, what was typed counts. Categories are guessed from the answer besides."""
    if isinstance(question, Item):
        return subject_of(question, answer)
    return replace(subject_of(None, answer), facts=choice.known)
