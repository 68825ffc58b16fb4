from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("showroom", "0007_corrections")]

    operations = [
        migrations.AlterField(
            model_name="batch",
            name="source",
            field=models.CharField(
                choices=[
                    ("upload", "Upload"),
                    ("cases", "single cases"),
                    ("dispatch", "Dispatch"),
                    ("api", "a program"),
                ],
                default="upload",
                max_length=10,
            ),
        ),
    ]
