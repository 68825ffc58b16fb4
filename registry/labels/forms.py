"""What people fill in to bring labels in."""

from django import forms

from accounts.models import User


class ImportForm(forms.Form):
    """A file of judged candidates, of which survey, and whose words they are."""

    file = forms.FileField()
    survey = forms.CharField(
        max_length=60,
        widget=forms.TextInput(attrs={"list": "surveys"}),
        help_text="Such as HTRU-S or SUPERB. Labels can be found and frozen by it.",
    )
    person = forms.ModelChoiceField(
        User.objects.filter(is_active=True).order_by("username"),
        empty_label=None,
        label="Labelled by",
        help_text="Of each candidate one word a person holds: the latest.",
    )
