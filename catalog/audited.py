"""What of the catalogue is noted in the log: changed prices, and whatever is deleted."""

from typing import Any

from django.db.models import Model
from django.db.models.signals import post_delete
from django.dispatch import receiver
from simple_history.signals import post_create_historical_record

from catalog import audit
from catalog.models import Item

# By the model's name: what of it makes a price.
PRICES = {
    "catalog.item": [*Item.PRICES, "currency", "status"],
    "catalog.bidstep": ["start", "step", "currency"],
    "catalog.exchangerate": ["source", "target", "rate", "on"],
}
# The log outlives what it tells of, so that of people nothing is copied into it but the names of accounts.
DELETED = ["Item", "Photo", "Sale", "Category", "ImportRun", "ImportProfile", "BidStep", "ExchangeRate"]
DELETED_ELSEWHERE = ["auth.User", "auth.Group", "search.Enquiry", "search.Judgement"]


@receiver(post_create_historical_record)
def price_changed(instance: Model, history_instance: Any, **kwargs: Any) -> None:
    fields = PRICES.get(instance._meta.label_lower)
    if fields is None or history_instance.history_type != "~":
        return
    earlier = instance.history.exclude(pk=history_instance.pk).order_by("-history_id").first()  # type: ignore[attr-defined]
    if earlier is None:
        return
    before, after = ({name: getattr(row, name) for name in fields} for row in (earlier, history_instance))
    changed = [name for name in fields if before[name] != after[name]]
    if changed:
        audit.record(
            "price",
            thing=instance,
            before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
        )


def deleted(instance: Model, **kwargs: Any) -> None:
    is_ours = instance._meta.app_label == "catalog"
    facts = (
        {field.name: field.value_from_object(instance) for field in instance._meta.concrete_fields} if is_ours else {}
    )
    label = "" if is_ours or instance._meta.app_label == "auth" else f"{instance._meta.verbose_name} {instance.pk}"
    audit.record("delete", thing=instance, label=label, before=facts)


for name in [*(f"catalog.{name}" for name in DELETED), *DELETED_ELSEWHERE]:
    post_delete.connect(deleted, sender=name, dispatch_uid=f"audit {name}")
