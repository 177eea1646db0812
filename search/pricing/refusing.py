"""Why there is no range, in sentences, and what photo would help."""

from dataclasses import dataclass

from search.pricing.outcome import MARKS, MINIMUM_SOLD, WHOLE, Refusal, was

ANOTHER = "Photograph the thing itself, near enough to fill the picture, in daylight, on a plain ground."


@dataclass(frozen=True, slots=True)
class Counts:
    """Of comparables: sold and not sold in `currency`, and how many were in others."""

    currency: str
    sold: int
    unsold: int
    others: int

    def refusal(self, code: str, sentence: str, advice: str) -> Refusal:
        return Refusal(code, sentence, advice, self.currency, self.sold, self.unsold, self.others)


def no_object(currency: str) -> Refusal:
    sentence = "The photo shows no object: it is all of one tone."
    return Counts(currency, 0, 0, 0).refusal("no-object", sentence, ANOTHER)


def too_few(counts: Counts) -> Refusal:
    if counts.sold + counts.unsold + counts.others == 0:
        return counts.refusal("nothing-similar", "Nothing like this was sold here.", f"{WHOLE} {MARKS}")
    if counts.others and counts.sold + counts.others >= MINIMUM_SOLD:
        sentence = "Similar things were sold here in other currencies, and prices in different currencies don't mix."
        return counts.refusal("other-currencies", sentence, MARKS)
    counted = {0: "Nothing", 1: "Only one thing", 2: "Only two things"}[counts.sold]
    offered = f" ({counts.unsold} more {was(counts.unsold)} offered and not sold)" if counts.unsold else ""
    verb = "were" if counts.sold == 2 else "was"
    sentence = f"{counted} like this {verb} sold here{offered}. A range needs at least three."
    return counts.refusal("too-few", sentence, f"{WHOLE} {MARKS}")


def contradicting(counts: Counts) -> Refusal:
    sentence = f"{counts.sold} similar things were sold here, but at prices too far apart to name a range."
    return counts.refusal(
        "contradicting", sentence, f"What such things are counts for more than how they look. {MARKS}"
    )


def too_unlike(counts: Counts) -> Refusal:
    sentence = f"The {counts.sold} nearest things that were sold here are too unlike this one to name a range."
    return counts.refusal("too-unlike", sentence, f"{WHOLE} {MARKS}")
