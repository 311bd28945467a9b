"""What things are called: moments, pairs of eyes, answers, steps, and why something is not shown."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from borging.measure.rules import MINIMUM, Reason, parts_of


@dataclass(frozen=True, kw_only=True)
class Names:
    """The organisation's own words, by key: they are the same in every language. promised: times in ten."""

    behaviours: dict[int, str] = field(default_factory=dict)
    cohorts: dict[int, str] = field(default_factory=dict)
    teams: dict[int, str] = field(default_factory=dict)
    promised: float | None = None


def quote(text: str) -> str:
    """A behaviour as somebody wrote it, between the quotation marks of the language."""
    return _("“%(text)s”") % {"text": text}


def capital(text: str) -> str:
    """The text with a capital first, for a label."""
    return text[:1].upper() + text[1:]


def when(key: str) -> str:
    """The later of two moments, as it stands in a sentence."""
    if key == "behaviour-post":
        return _("three months after the training")
    if key == "behaviour-pulse":
        return _("six months after the training")
    return _("two months after the training")


def title(batch: str, called: Names) -> str:
    """The heading of a batch."""
    key, behaviour = parts_of(batch)
    if behaviour:
        return f"{quote(called.behaviours.get(behaviour, ''))}, {when(key)}"
    return {
        "knowledge": _("Knowing what to do"),
        "confidence": _("Feeling sure"),
        "yardstick": _("The yardstick moved"),
        "attempts": _("Trying it at work"),
        "climate": _("Room to use it"),
        "automatic": _("Doing it without thinking"),
        "goal": _("Reaching one’s own goal"),
        "reaction": _("Right after the training"),
        "barriers": _("What stands in the way"),
        "vote": _("What stood in the way in the first month"),
        "response": _("Who answered"),
    }[key]


def eyes(source: str) -> str:
    """Whose view it is, at the start of a sentence."""
    return {
        "self": _("By their own account"),
        "manager": _("According to their managers"),
        "buddy": _("According to their buddies"),
        "observer": _("According to observers"),
        "test": _("In the test"),
    }[source]


def source(key: str) -> str:
    """Who looked, as a label."""
    return {
        "self": pgettext("source", "participants"),
        "learner": pgettext("source", "participants"),
        "manager": pgettext("source", "managers"),
        "buddy": pgettext("source", "buddies"),
        "observer": pgettext("source", "observers"),
        "test": pgettext("source", "the test"),
    }.get(key, key)


def share(key: str) -> str:
    """What a share is of, as a row."""
    return {
        "chance": _("Had a chance in the past month"),
        "manager-asked": _("Manager talked it through"),
        "peers": _("Colleagues helped"),
        "automaticity": _("Mostly or always, after two months"),
        "pulse-180": _("Mostly or always, after six months"),
        "goal-step": _("Reached what was hoped, or more"),
        "can-do": _("Can do it alone"),
        "practised": _("Practised half of the time or more"),
    }[key]


def barrier(key: str) -> str:
    """What stands in the way."""
    return {
        "time": pgettext("barrier", "time"),
        "tools": pgettext("barrier", "tools"),
        "rules": pgettext("barrier", "rules"),
        "team": pgettext("barrier", "the team"),
        "manager": pgettext("barrier", "the manager"),
        "know-how": pgettext("barrier", "not knowing how yet"),
        "work-changed": pgettext("barrier", "the work changed"),
        "nothing": pgettext("barrier", "nothing"),
        "rest": pgettext("barrier", "something else"),
    }.get(key, key)


def named_most(batch: str) -> str:
    """What was named most, as a sentence with the places `barrier` and `share`."""
    if batch == "vote":
        return _("In a vote without names, before the team meeting, this was chosen most: %(barrier)s (%(share)s).")
    return _("Asked what held them back most, people named this most often: %(barrier)s (%(share)s).")


def stretch(name: str) -> str:
    """ "weeks 1–3": a stretch of three weeks after the training."""
    first = 3 * int(name) + 1
    return _("weeks %(first)s–%(last)s") % {"first": first, "last": first + 2}


def step(key: str) -> str:
    """A moment of asking, as a row of the response."""
    return {
        "baseline-learner": _("Baseline"),
        "baseline-others": _("Baseline, by others"),
        "reaction": _("Right after the training"),
        "attempt-log-weekly": _("Weekly log"),
        "attempt-log-fortnightly": _("Two-weekly log"),
        "team-vote": _("Vote before the team meeting"),
        "delayed-test": _("After two months"),
        "automaticity": _("Is it a habit yet?"),
        "post-learner": _("After three months"),
        "post-others": _("After three months, by others"),
        "pulse-180": _("After six months"),
    }.get(key, key)


def reason(reason: Reason) -> str:
    """Why something is not shown, without a count."""
    said = {
        Reason.FEW: _("Fewer than %(minimum)s people gave an answer that counts."),
        Reason.ALIKE: _(
            "Everybody, or everybody but one, gave the same answer. "
            "With the figure you would know what each of them said."
        ),
        Reason.SIBLING: _("With this figure one could calculate that of a group that is too small."),
        Reason.COMBINED: _("Together with what was shown before, one could calculate what one person answered."),
        Reason.WAITING: _("This is still being asked."),
    }[reason]
    return said % {"minimum": MINIMUM}
