"""What people fill in about people."""

from datetime import date
from typing import Any, cast

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.dates import WEEKDAYS
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from borging.people.models import Person

PASTED = "paste.tsv"
DAYS = [(str(day + 1), capfirst(name)) for day, name in WEEKDAYS.items()]


class Day(forms.DateField):
    """A day, chosen with the device's own calendar."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        super().__init__(widget=widget, input_formats=["%Y-%m-%d"], **kwargs)


class Hour(forms.TimeField):
    """A time of the day, chosen with the device's own clock."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}), **kwargs)


class FileForm(forms.Form):
    """A file, or a table that was copied."""

    file = forms.FileField(label=_("A file"), required=False)
    pasted = forms.CharField(label=_("Or paste a table"), required=False, max_length=5_000_000, strip=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and not cleaned.get("file") and not (cleaned.get("pasted") or "").strip():
            self.add_error("file", ValidationError(_("Choose a file, or paste a table.")))
        return cleaned

    def upload(self) -> Any:
        """What was given, as a file."""
        if self.cleaned_data["file"]:
            return self.cleaned_data["file"]
        return SimpleUploadedFile(PASTED, self.cleaned_data["pasted"].encode())


class MeaningForm(forms.Form):
    """What the file means for people who are not in it, and of which day it is."""

    everybody = forms.ChoiceField(choices=[("no", ""), ("yes", "")])
    day = Day(label=_("How things stood on"), help_text=_("A new team or manager counts from this day on."))

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if day > self.today:
            raise ValidationError(_("This day is still to come. Who starts later may be in the file all the same."))
        return day


class HabitsForm(forms.Form):
    """How and when a person is written to."""

    language = forms.ChoiceField(label=_("Language"), required=False)
    work_days = forms.MultipleChoiceField(label=_("Work days"), choices=DAYS, required=False)
    works_from = Hour(label=_("Work starts at"), required=False)
    works_until = Hour(
        label=_("Work ends at"),
        required=False,
        help_text=_("Empty: as the organisation. For a night shift the end is earlier than the start."),
    )
    paused_until = Day(
        label=_("No cards until and with"),
        required=False,
        help_text=_("Nothing goes out to this person until then. Nobody needs to know why."),
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        kwargs.setdefault("initial", initial_habits(person))
        super().__init__(*args, **kwargs)
        home = dict(settings.LANGUAGES)[person.organisation.language]
        language = cast(forms.ChoiceField, self.fields["language"])
        language.choices = [("", _("As the organisation: %(language)s") % {"language": home}), *settings.LANGUAGES]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and (cleaned["works_from"] is None) != (cleaned["works_until"] is None):
            self.add_error("works_until", ValidationError(_("Fill in both times, or neither.")))
        return cleaned

    def habits(self) -> dict[str, Any]:
        """As `people.writes.set_habits` takes them."""
        cleaned = self.cleaned_data
        return {
            "language": cleaned["language"],
            "work_days": "".join(sorted(cleaned["work_days"])),
            "hours": (cleaned["works_from"], cleaned["works_until"]) if cleaned["works_from"] is not None else None,
            "paused_until": cleaned["paused_until"],
        }


def initial_habits(person: Person) -> dict[str, Any]:
    names = ("language", "works_from", "works_until", "paused_until")
    return {"work_days": list(person.work_days)} | {name: getattr(person, name) for name in names}


class LeaveForm(forms.Form):
    """Days away."""

    start = Day(label=_("First day"))
    end = Day(label=_("Last day"), required=False, help_text=_("Empty: it is not known yet."))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("start") and cleaned.get("end") and cleaned["end"] < cleaned["start"]:
            self.add_error("end", ValidationError(_("The last day comes before the first.")))
        return cleaned
