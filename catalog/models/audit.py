"""Who did what, when and from where: a log that grows and is never changed; the database itself refuses."""

from django.db import models


class AuditEntry(models.Model):
    """One deed. Names are copied, not linked: the log outlives whom and what it tells of."""

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    actor_id = models.BigIntegerField(null=True, db_index=True, help_text="Of the user; none for a stranger or a job.")
    actor = models.CharField(max_length=150, blank=True)
    address = models.CharField(max_length=64, blank=True, help_text="Where the request came from.")
    request_id = models.CharField(max_length=64, blank=True)
    deed = models.CharField(max_length=40, db_index=True, help_text="price, delete, role, export, login, denied …")
    kind = models.CharField(max_length=60, blank=True, help_text="What sort of thing it was done to: catalog.item …")
    object_id = models.CharField(max_length=64, blank=True)
    label = models.CharField(max_length=300, blank=True)
    before = models.JSONField(default=dict, blank=True)
    after = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name_plural = "audit log"
        indexes = [models.Index(fields=["kind", "object_id"], name="audit_by_object")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.actor or 'nobody'}: {self.deed} {self.label}"
