from django.db import migrations, models

from catalog.append_only import operation


def mark_sellers(apps, schema_editor):
    apps.get_model("search", "Query").objects.filter(kind="seller").update(from_seller=True)


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0004_audit_only_grows"),
        ("search", "0006_prices_and_operation"),
    ]

    operations = [
        migrations.AddField(
            model_name="query",
            name="from_seller",
            field=models.BooleanField(
                default=False,
                help_text="A seller's photos are in it: its own, or those of a question that it was copied from.",
            ),
        ),
        migrations.RunPython(mark_sellers, migrations.RunPython.noop),
        operation("search_workfile"),
        operation("search_workfilephoto"),
    ]
