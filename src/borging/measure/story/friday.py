"""One slide for a Friday: what was promised, what was seen, how sure that is, and what was decided."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from borging.figures import words
from borging.figures.rules import Figure, OneSlide, Withheld
from borging.measure.rules import MINIMUM, Paired, batch_of
from borging.measure.story import names, paired
from borging.measure.story.names import Names
from borging.measure.story.report import Told

HEADLINES = ("behaviour-post", "behaviour-pulse", "behaviour-delayed")


def friday(
    told: Sequence[Told],
    *,
    called: Names,
    goal: str,
    decision: str,
    language: Literal["nl", "en"],
    title: str,
    today: date,
) -> OneSlide:
    """The first behaviour at the moment of judgement, or why there is nothing to see. decision: the option chosen."""
    with override(language):
        return OneSlide(
            language=language,
            title=title,
            made_on=today,
            promised=_promised(called, goal),
            figure=_headline(told, called),
            decision=_decision(decision),
        )


def _promised(called: Names, goal: str) -> str:
    said = []
    if called.promised is not None:
        said.append(_("%(n)s times in ten more") % {"n": words.number(called.promised, decimals=1)})
    return " · ".join([*said, *([goal] if goal else [])]) or _("Nothing was laid down beforehand")


def _headline(told: Sequence[Told], called: Names) -> Figure | Withheld:
    first = next(iter(called.behaviours), 0)
    results = {each.batch: each.result for each in told}
    batches = [batch_of(key, first) for key in HEADLINES]
    made = [
        paired.figure(batch, result, called=called)
        for batch in batches
        if isinstance(result := results.get(batch), Paired)
    ]
    title = names.quote(called.behaviours.get(first, ""))
    nothing = Withheld(title=title, reason=_("Nothing has been measured yet."), minimum=MINIMUM)
    return next((figure for figure in made if isinstance(figure, Figure)), made[0] if made else nothing)


def _decision(key: str) -> str:
    return {
        "keep": pgettext("decision", "keep"),
        "fix": pgettext("decision", "fix"),
        "stop": pgettext("decision", "stop"),
        "unknown": pgettext("decision", "cannot say yet"),
    }.get(key, pgettext("decision", "not taken yet"))
