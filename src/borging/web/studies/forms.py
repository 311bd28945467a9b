"""What people fill in about a study."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from borging.effects.rules import Assignment

ASSIGNMENTS = [
    (
        Assignment.LOTTERY,
        _("By lot"),
        _("A draw decided who was trained, or who went first. The strongest proof there is."),
    ),
    (Assignment.WAVE, _("In groups, one after the other"), _("Who starts later is compared with who started earlier.")),
    (Assignment.CHOICE, _("Somebody chose"), _("People signed up, or a manager picked them. They may differ anyhow.")),
    (Assignment.UNKNOWN, _("I do not know"), _("Borging then claims no more than the files can carry.")),
]


def parse_amount(text: str) -> float:
    """An amount as people write it in Dutch or English: 12.500,00, 12,500.00, € 12500. Raises ValueError."""
    plain = re.sub(r"[€\s\u00a0\u202f]", "", text)
    if re.fullmatch(r"\d{1,3}([.,]\d{3})+", plain):
        return float(re.sub(r"[.,]", "", plain))
    if match := re.fullmatch(r"(\d{1,3}(?:([.,])\d{3})+|\d+)(?!\2)[.,](\d{1,2})", plain):
        return float(f"{re.sub(r'[.,]', '', match[1])}.{match[3]}")
    return float(plain)


class AmountField(forms.CharField):
    """An amount of money, of zero or more."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            amount = parse_amount(text)
        except ValueError:
            amount = -1.0
        if not 0 <= amount < 1e12:
            raise ValidationError(_("Write the amount in figures, for example 12.500."))
        return amount


class NewStudyForm(forms.Form):
    """Two files, and how it was decided who took part."""

    participants = forms.FileField(
        label=_("Who was trained"), error_messages={"required": _("Choose the file that says who was trained.")}
    )
    outcomes = forms.FileField(
        label=_("What was measured"), error_messages={"required": _("Choose the file with the measurements.")}
    )
    assignment = forms.ChoiceField(
        choices=[(value, label) for value, label, _why in ASSIGNMENTS],
        error_messages={"required": _("Say how it was decided who took part. “I do not know” is an answer too.")},
    )
    title = forms.CharField(
        label=_("Name of this study"),
        max_length=120,
        required=False,
        help_text=_("Otherwise the second file names it."),
    )
    cost = AmountField(
        label=_("Full cost of the training"),
        max_length=20,
        required=False,
        help_text=_("In euros, working hours included. Borging then says what it must yield to repay itself."),
    )

    def options(self) -> dict[str, Any]:
        """As `effects.rules.Options` reads it."""
        return {"assignment": self.cleaned_data["assignment"], "cost": self.cleaned_data["cost"]}


class ReplaceFilesForm(forms.Form):
    """One mended file, or both."""

    participants = forms.FileField(label=_("Who was trained"), required=False)
    outcomes = forms.FileField(label=_("What was measured"), required=False)
