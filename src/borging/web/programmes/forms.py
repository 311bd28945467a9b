"""What an L&D professional fills in about a programme: one form a question, each able to save itself."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from borging.people import reads as people
from borging.people import writes as people_writes
from borging.people.models import Account, Person
from borging.programmes import rules, writes
from borging.programmes.models import MOST_BEHAVIOURS, Cohort, Programme, Session, Skill
from borging.transfer.playbooks import records

RETENTIONS = (
    (30, _("A month"), _("Enough for one occasion soon.")),
    (90, _("Three months"), _("A season, or a change that other things take over.")),
    (180, _("Half a year"), _("What most training is for.")),
    (365, _("A year"), _("What comes up seldom, and must then go well.")),
)
SKILLS = (
    (Skill.OPEN, _("Open: it differs each time"), _("A talk, leading, advising. The surroundings then matter more.")),
    (Skill.CLOSED, _("Closed: there is one right way"), _("A procedure, a safe way of working, a system.")),
)
WHEN_ASKED = (
    ("A", _("before the training")),
    ("B", _("after two months")),
    ("R", _("in between, to keep it up")),
)
KEPT = {"class": "ds-input"}


class PersonField(forms.CharField):
    """Somebody of the organisation, by name, e-mail address or staff number; somebody new by name and address."""

    def __init__(self, *, viewer: Account, **kwargs: Any) -> None:
        super().__init__(max_length=300, **kwargs)
        self.viewer = viewer

    def prepare_value(self, value: Any) -> Any:
        return written(value) if isinstance(value, Person) else value

    def clean(self, value: Any) -> Person | rules.Named | None:
        text = super().clean(value)
        named = rules.people_in(text)
        if not named:
            return None
        return self._meant(named[0], text)

    def _meant(self, named: rules.Named, text: str) -> Person | rules.Named:
        found = people.recognise(self.viewer, names=(named.number, named.email, named.name, text))
        for name in (named.number, named.email, named.name, text):
            meant = found.get(name.strip().lower(), [])
            if len(meant) == 1:
                return meant[0]
            if meant:
                raise ValidationError(_("There are more people with this name. Use the e-mail address."))
        if named.email and named.name:
            return named
        raise ValidationError(_("Nobody here has this name. Write name and e-mail address to add somebody new."))


def written(person: Person) -> str:
    """A person as a field shows them, so that the same text finds the same person."""
    return f"{person.name} <{person.email}>" if person.email else person.number or person.name


def settled(value: Person | rules.Named | None, *, viewer: Account, today: date) -> Person | None:
    """The person meant in a field; somebody new is added."""
    if isinstance(value, rules.Named):
        return people_writes.add_person(
            organisation=viewer.organisation, name=value.name, email=value.email, number=value.number, today=today
        )
    return value


class NewForm(forms.Form):
    """How a programme begins: with a name, or with the text of the invitation."""

    name = forms.CharField(label=_("Name of the training"), max_length=120, required=False)
    invitation = forms.CharField(
        label=_("Or paste the invitation"),
        help_text=_("Borging takes days, times and place out of it and shows what it found. The text is not kept."),
        widget=forms.Textarea(attrs=KEPT | {"rows": 6}),
        max_length=20_000,
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if not (data.get("name") or data.get("invitation")):
            raise ValidationError(_("Write a name, or paste the invitation."))
        return data


class Answer(forms.Form):
    """One question about a programme. `save` keeps the answer."""

    columns: tuple[str, ...] = ()

    def __init__(self, data: Any = None, *, programme: Programme, viewer: Account, today: date) -> None:
        self.programme, self.viewer, self.today = programme, viewer, today
        initial = {name: getattr(programme, name) for name in self.columns} | self.known()
        super().__init__(data, initial=initial)

    def known(self) -> dict[str, Any]:
        """Answers that stand elsewhere than on the programme."""
        return {}

    def save(self, *, now: datetime) -> None:
        """Raises programmes.writes.NotNowError."""
        writes.change(programme=self.programme, **{name: self.cleaned_data[name] for name in self.columns})


class GoalForm(Answer):
    columns = ("name", "goal", "kpi", "promised_change")
    name = forms.CharField(label=_("Name of the training"), max_length=120, required=False)
    goal = forms.CharField(
        label=_("What must get better for the organisation?"),
        help_text=_("For example: fewer people are away ill for long, and work goes on."),
        widget=forms.Textarea(attrs=KEPT | {"rows": 3}),
        max_length=1_000,
    )
    kpi = forms.CharField(
        label=_("Which figure would show it?"),
        help_text=_("For example: sickness absence per team per month."),
        max_length=200,
        required=False,
    )
    promised_change = forms.FloatField(
        label=_("How often more do people do it afterwards, of ten times?"),
        help_text=_("For example 2: of ten times, two more than now. Borging says whether this group can show that."),
        min_value=0.5,
        max_value=10,
        localize=True,
        required=False,
    )

    def clean_name(self) -> str:
        """A programme keeps its name when none is given."""
        return self.cleaned_data["name"] or self.programme.name


class BehavioursForm(Answer):
    """One to five behaviours; `unseen` holds what nobody could observe."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for place in range(1, MOST_BEHAVIOURS + 1):
            self.fields[f"behaviour_{place}"] = forms.CharField(
                label=_("Behaviour %(n)s") % {"n": place}, max_length=200, required=place == 1
            )

    def known(self) -> dict[str, Any]:
        return {f"behaviour_{row.position}": row.text for row in self.programme.behaviours.all()}

    @property
    def texts(self) -> list[str]:
        return [self.cleaned_data.get(f"behaviour_{place}", "") for place in range(1, MOST_BEHAVIOURS + 1)]

    def save(self, *, now: datetime) -> None:
        writes.name_behaviours(programme=self.programme, texts=self.texts)


class SkillForm(Answer):
    columns = ("skill", "situation")
    skill = forms.ChoiceField(choices=Skill.choices)
    situation = forms.CharField(
        label=_("In which situation at work does it come up?"),
        help_text=_("One sentence. Cards then speak of this situation. For example: somebody reports ill by phone."),
        widget=forms.Textarea(attrs=KEPT | {"rows": 2}),
        max_length=500,
        required=False,
    )


class LastingForm(Answer):
    columns = ("retention_days",)
    retention_days = forms.IntegerField(min_value=30, max_value=730)


class SessionForm(forms.Form):
    """A day and its times, on the clock of the organisation, which the page has set."""

    day = forms.DateField(label=_("Day"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    starts = forms.TimeField(label=_("From"), widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}))
    ends = forms.TimeField(label=_("Until"), widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}))
    place = forms.CharField(label=_("Place"), max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("starts") and data.get("ends") and data["starts"] >= data["ends"]:
            raise ValidationError({"ends": _("It ends before it begins.")})
        return data

    def instants(self) -> tuple[datetime, datetime]:
        """When it starts and ends. An hour that a clock skips is the hour after."""
        data = self.cleaned_data
        return tuple(  # type: ignore[return-value]
            timezone.make_aware(datetime.combine(data["day"], data[name])) for name in ("starts", "ends")
        )


def session_initial(session: Session | None, *, today: date) -> dict[str, Any]:
    """What stands in the fields: the session, or a working day in five weeks."""
    if session:
        starts, ends = timezone.localtime(session.starts_at), timezone.localtime(session.ends_at)
        return {"day": starts.date(), "starts": starts.time(), "ends": ends.time(), "place": session.place}
    day = today + timedelta(weeks=5)
    day += timedelta(days=(8 - day.isoweekday()) % 7 if day.isoweekday() > 5 else 0)
    return {"day": day, "starts": time(9), "ends": time(17)}


class MoveForm(SessionForm):
    """A session gets another time; the later ones may come along."""

    along = forms.BooleanField(label=_("Later sessions move as far"), required=False, initial=True)


class WhenForm(SessionForm, Answer):
    """The first session, and who stands for it."""

    columns = ("sponsor", "trainer")

    def __init__(self, *args: Any, viewer: Account, **kwargs: Any) -> None:
        super().__init__(*args, viewer=viewer, **kwargs)
        self.fields["sponsor"] = PersonField(
            viewer=viewer,
            label=_("Sponsor"),
            help_text=_("Who promises the result and signs for it. Name, e-mail address or staff number."),
            required=False,
        )
        self.fields["trainer"] = PersonField(
            viewer=viewer,
            label=_("Trainer"),
            help_text=_("From outside? Write name and e-mail address."),
            required=False,
        )

    def first(self) -> tuple[Cohort | None, Session | None]:
        session = Session.objects.filter(cohort__programme=self.programme).first()
        return self.programme.cohorts.first(), session

    def known(self) -> dict[str, Any]:
        return session_initial(self.first()[1], today=self.today)

    def save(self, *, now: datetime) -> None:
        chosen = {name: settled(self.cleaned_data[name], viewer=self.viewer, today=self.today) for name in self.columns}
        writes.change(programme=self.programme, **chosen)
        starts_at, ends_at = self.instants()
        cohort, session = self.first()
        place = self.cleaned_data["place"]
        if session:
            writes.move_session(
                session=session, starts_at=starts_at, ends_at=ends_at, place=place, along=False, now=now
            )
        elif cohort:
            writes.add_session(cohort=cohort, starts_at=starts_at, ends_at=ends_at, place=place)


class SurroundingsForm(Answer):
    """What the transfer check asks about and no question of the start did."""

    columns = (
        "practice_share", "practice_minutes", "first_chance_days", "places", "main_barrier", "embedding_owner",
        "team_told",
    )  # fmt: skip
    practice_share = forms.IntegerField(
        label=_("Share of the training in which people practise themselves, in percent"),
        min_value=0,
        max_value=100,
        required=False,
    )
    practice_minutes = forms.IntegerField(
        label=_("Time to practise that is kept free each week, in minutes"), min_value=0, max_value=600, initial=0
    )
    first_chance_days = forms.IntegerField(
        label=_("Days until people first have a chance to do it"), min_value=0, max_value=365, required=False
    )
    places = forms.IntegerField(label=_("Places in a cohort"), min_value=1, max_value=100_000, required=False)

    def __init__(self, *args: Any, viewer: Account, **kwargs: Any) -> None:
        super().__init__(*args, viewer=viewer, **kwargs)
        language = "nl" if get_language() == "nl" else "en"
        barriers = [(row["key"], row[language]) for row in records("barriers")]
        self.fields["main_barrier"] = forms.ChoiceField(
            label=_("What stands in the way most at this moment?"),
            help_text=_("When it is tools or time, training is not the answer; then the barrier has to go first."),
            choices=[("", _("not asked yet")), *barriers],
            required=False,
        )
        self.fields["embedding_owner"] = PersonField(
            viewer=viewer,
            label=_("Who sees to it that it stays"),
            help_text=_("On day +120 this person lays down what changes in the way of working."),
            required=False,
        )
        self.fields["team_told"] = forms.BooleanField(
            label=_("The teams know what their colleague is going to learn, and how they can help"), required=False
        )

    def save(self, *, now: datetime) -> None:
        owner = settled(self.cleaned_data["embedding_owner"], viewer=self.viewer, today=self.today)
        plain = {name: self.cleaned_data[name] for name in self.columns if name != "embedding_owner"}
        writes.change(programme=self.programme, embedding_owner=owner, **plain)


QUESTIONS: dict[str, type[Answer]] = {
    "goal": GoalForm,
    "behaviours": BehavioursForm,
    "skill": SkillForm,
    "lasting": LastingForm,
    "when": WhenForm,
    "surroundings": SurroundingsForm,
}
IN_WIZARD = ("goal", "behaviours", "skill", "lasting", "when")


class PasteForm(forms.Form):
    people = forms.CharField(
        label=_("Names, e-mail addresses or staff numbers"),
        help_text=_("One a line, or the line of addresses from your mail program."),
        widget=forms.Textarea(attrs=KEPT | {"rows": 6}),
        max_length=200_000,
    )


class ObserversForm(forms.Form):
    """Who watches at work in a cohort."""

    observers = forms.CharField(
        label=_("Names, e-mail addresses or staff numbers"),
        help_text=_("One a line. Empty: the line manager of each."),
        widget=forms.Textarea(attrs=KEPT | {"rows": 5}),
        max_length=20_000,
        required=False,
    )


class CompanionsForm(forms.Form):
    """Who helps one learner: a buddy from the cohort, and somebody who looks along."""

    def __init__(self, *args: Any, viewer: Account, others: list[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.others = {str(person.pk): person for person in others}
        self.fields["buddy"] = forms.ChoiceField(
            label=_("Buddy"),
            choices=[("", _("nobody yet")), *((key, person.name) for key, person in self.others.items())],
            required=False,
        )
        self.fields["observer"] = PersonField(
            viewer=viewer,
            label=_("Who looks along on the floor"),
            help_text=_("Empty: the manager is asked."),
            required=False,
        )

    def buddy(self) -> Person | None:
        return self.others.get(self.cleaned_data["buddy"])


class SituationForm(forms.Form):
    """A work situation and what one could do first, the best first."""

    form = forms.ChoiceField(
        label=_("When is it asked?"),
        choices=WHEN_ASKED,
    )
    text = forms.CharField(label=_("The situation"), widget=forms.Textarea(attrs=KEPT | {"rows": 3}), max_length=1_000)
    best = forms.CharField(label=_("What is best to do first"), max_length=300)
    others = forms.CharField(
        label=_("What one could also do, one a line"),
        help_text=_("Two or three things that sensible people do."),
        widget=forms.Textarea(attrs=KEPT | {"rows": 4}),
        max_length=2_000,
    )
    explanation = forms.CharField(
        label=_("Why"), widget=forms.Textarea(attrs=KEPT | {"rows": 2}), max_length=1_000, required=False
    )

    def clean_others(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["others"].splitlines() if line.strip()]
        if not 1 <= len(lines) < rules.MOST_OPTIONS:
            raise ValidationError(_("Write one to five other things, one a line."))
        return lines

    def scenario(self) -> rules.Scenario:
        data = self.cleaned_data
        return rules.Scenario(
            form=data["form"],
            text=data["text"],
            options=(data["best"], *data["others"]),
            explanation=data["explanation"],
        )


class PastedSituationsForm(forms.Form):
    form = forms.ChoiceField(label=_("When are these asked?"), choices=WHEN_ASKED)
    text = forms.CharField(
        label=_("Situations"),
        help_text=_("An empty line between two. Each option on a line with a dash, the best with a star."),
        widget=forms.Textarea(attrs=KEPT | {"rows": 8}),
        max_length=50_000,
    )


class PaperForm(forms.Form):
    """The sponsor signed on paper."""

    signed_on = forms.DateField(label=_("Signed on"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_signed_on(self) -> date:
        day: date = self.cleaned_data["signed_on"]
        if day > self.today:
            raise ValidationError(_("That day is still to come."))
        return day

    def instant(self) -> datetime:
        """That day at noon, on the clock of the organisation."""
        return timezone.make_aware(datetime.combine(self.cleaned_data["signed_on"], time(12)))
