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
    (Assignment.WAVE, _("In groups, one after the other"), _("Who starts earlier is compared with who starts later.")),
    (Assignment.CHOICE, _("Somebody chose"), _("People signed up, or a manager picked them. They may differ anyhow.")),
    (Assignment.UNKNOWN, _("I do not know"), _("Borging then claims no more than the files can carry.")),
]


THOUSANDS = r"[1-9]\d{0,2}(?P<mark>[.,])\d{3}(?:(?P=mark)\d{3})*"
"""12.500 or 1,234,567: groups of three behind one and the same mark; what begins with a nought has none."""
LARGEST_AMOUNT = 1e12


def parse_amount(text: str) -> float:
    """An amount as people write it in Dutch or English: 12.500,00, 12,500.00, € 12500, −0,5. Raises ValueError."""
    plain = re.sub(r"[€\s]", "", text).replace("\u2212", "-")
    sign, digits = (-1, plain[1:]) if plain.startswith("-") else (1, plain)
    if re.fullmatch(THOUSANDS, digits):
        return sign * float(re.sub(r"[.,]", "", digits))
    if match := re.fullmatch(rf"(?P<whole>{THOUSANDS}|\d+)(?!(?P=mark))[.,](?P<part>\d+)", digits):
        return sign * float(f"{re.sub(r'[.,]', '', match['whole'])}.{match['part']}")
    if not re.fullmatch(r"\d+", digits):
        raise ValueError(f"no amount: {text!r}")
    return sign * float(digits)


class AmountField(forms.CharField):
    """An amount of money above zero; with `signed` also one below it, never zero."""

    def __init__(self, *, signed: bool = False, **named: Any) -> None:
        # The empty placeholder tells the stylesheet whether something was filled in; a keyboard of digits has no minus.
        typing = {"placeholder": " ", "inputmode": "text" if signed else "decimal"}
        super().__init__(max_length=20, required=False, widget=forms.TextInput(attrs=typing), **named)
        self.signed = signed

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            amount = parse_amount(text)
        except ValueError:
            amount = 0.0
        if not 0 < (abs(amount) if self.signed else amount) < LARGEST_AMOUNT:
            raise ValidationError(
                _("Write the amount in figures, for example 40 or −0,50.")
                if self.signed
                else _("Write the amount in figures, for example 12.500.")
            )
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
        help_text=_("Left empty, it gets the name of the second file."),
    )
    cost = AmountField(
        label=_("Full cost of the training"),
        help_text=_("In euros, working hours included. Borging then says what it must yield to repay itself."),
    )
    unit_value = AmountField(
        label=_("What one unit of the outcome is worth"),
        signed=True,
        help_text=_(
            "In euros, for one unit more in one measurement: 40 if one sale more yields € 40, −40 if one mistake more "
            "costs € 40. Leave it empty if the file measures several things."
        ),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("unit_value") and "cost" in given and not given["cost"]:
            self.add_error("cost", _("Give the cost as well: without it there is no return to calculate."))
        return given

    def options(self) -> dict[str, Any]:
        """As `effects.rules.Options` reads it."""
        return {name: self.cleaned_data[name] for name in ("assignment", "cost", "unit_value")}


class ReplaceFilesForm(forms.Form):
    """One mended file, or both."""

    participants = forms.FileField(label=_("Who was trained"), required=False)
    outcomes = forms.FileField(label=_("What was measured"), required=False)
