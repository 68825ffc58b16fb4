from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('showroom', '0004_dispatch'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='batch',
            index=models.Index(fields=['state', 'finished_at'], name='batch_ended'),
        ),
    ]
