from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("search", "0008_how_far_estimates_lie"),
    ]

    operations = [
        migrations.AddField(
            model_name="query",
            name="copied_from",
            field=models.UUIDField(
                blank=True,
                editable=False,
                help_text="The key of the seller's question that this copy ends with.",
                null=True,
            ),
        ),
    ]
