"""What people fill in on the pages of datasets: to find one, and to say what it is."""

from django import forms

from registry.models import Dataset


class DatasetFilter(forms.Form):
    """Which datasets to show."""

    words = forms.CharField(
        max_length=100, required=False, label="Number, or a part of the name"
    )
    source = forms.ChoiceField(
        choices=[("", "any"), *Dataset.Source.choices],
        required=False,
        label="Came by being",
    )


class NoteForm(forms.Form):
    """What should be known of a dataset besides its figures."""

    note = forms.CharField(
        max_length=5_000,
        required=False,
        strip=True,
        label="Note",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
