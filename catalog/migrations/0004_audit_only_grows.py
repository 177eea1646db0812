from django.db import migrations

from catalog.append_only import operation


class Migration(migrations.Migration):
    dependencies = [("catalog", "0003_house_rules_and_audit")]

    operations = [operation("catalog_auditentry")]
