"""What a card looks like to who answers it, and when it may go out. No Django, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from borging.evidence.rules import Given
from borging.people.rules import Calendar

BUDGET = 2
"""Contacts a person gets at most in `WINDOW`, over all programmes together."""
WINDOW = timedelta(days=7)
MOST_ATTEMPTS = 5
"""Refusals after which a contact is parked, where somebody sees it."""
LEAST_BEFORE_REMINDER = timedelta(days=2)
LATE = timedelta(days=5)
"""What is due longer than this is late: no worker is away for longer than a long weekend."""
MOST_LATE = 50
"""People with something late of whom nothing is asked first, however small the organisation."""
MOST_LATE_SHARE = 0.05


def too_many_late(*, late: int, people: int) -> bool:
    """Whether so many people of an organisation have something late that somebody should look first.

    Late is what a clock that jumped, a backup put back or a wrong date looks like; a cohort that starts is on time.
    """
    return late > max(MOST_LATE, MOST_LATE_SHARE * people)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One answer that can be chosen; `key` is kept."""

    key: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Screen:
    """One question as it is asked, on a screen of its own, in the reader's language.

    `name` tells it apart on its card ("last-ten.2"). `type`: text, choice, yesno, date, scale, count10, if-then.
    `choices` are the options of a choice, or stand beside a scale, count or date ("did not come up").
    `low`, `high` with their words are the ends of a scale. `purpose` is what the answer is for, in words.
    `explanation` is shown after answering. `only_after`: asked only when an earlier screen got one of these answers,
    as (name, answers).
    """

    name: str
    type: str
    text: str
    choices: tuple[Choice, ...] = ()
    low: int = 0
    high: int = 0
    low_words: str = ""
    high_words: str = ""
    required: bool = True
    purpose: str = ""
    explanation: str = ""
    only_after: tuple[str, frozenset[str]] | None = None


@dataclass(frozen=True, kw_only=True)
class Content:
    """A card in the reader's language: why it comes, what is asked, and who sees the answer.

    `eyebrow` names the training, `plan` is the reader's own if-then plan, `talk` and `guide` are lines to talk by or to
    watch by, `sees` is who sees what, as (who, what). `minutes` is how long it takes. `later`: there is nothing to
    answer yet when the mail comes, so the mail asks nothing.
    """

    subject: str
    eyebrow: str
    title: str
    intro: str
    thanks: str
    minutes: int
    screens: tuple[Screen, ...]
    sees: tuple[tuple[str, str], ...]
    plan: str = ""
    talk: tuple[str, ...] = ()
    guide: tuple[str, ...] = ()
    anonymous: bool = False
    later: bool = False


@dataclass(frozen=True, kw_only=True)
class Happening:
    """One entry in a calendar. `uid` names it for ever, `sequence` rises with each change; `attendee` is (name,
    address) of the reader, for an invitation by mail. `remind_before` asks the device to remind."""

    uid: str
    sequence: int
    title: str
    starts_at: datetime
    ends_at: datetime
    place: str = ""
    description: str = ""
    attendee: tuple[str, str] | None = None
    remind_before: timedelta | None = None


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """A change in the reader's calendar, as the mail tells it and as their calendar reads it (`file`, iCalendar)."""

    title: str
    when: str
    file: str
    changed: bool = False
    cancelled: bool = False

    @property
    def method(self) -> str:
        return "CANCEL" if self.cancelled else "REQUEST"


@dataclass(frozen=True, kw_only=True)
class MailCard:
    """A card as it stands in a mail. `url` opens it; `closes_at` is until when it can be answered."""

    content: Content
    url: str
    closes_at: datetime
    reminder: bool = False


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One contact, ready to be written as a mail. The first question of the first card stands in the mail itself;
    a mail without cards tells of changes in the reader's calendar only.

    `zone` is the time zone of the reader; without it days are named on the installation's clock.
    """

    key: str
    to_name: str
    to_address: str
    language: str
    organisation: str
    cards: tuple[MailCard, ...]
    pause_url: str
    zone: str = ""
    invitations: tuple[Invitation, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A card that Borging has something to do with at `next_at`: send it, remind of it, or let it lapse."""

    card: int
    next_at: datetime
    closes_at: datetime
    yields: bool = False
    uncounted: bool = False
    reminder: bool = False


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What happens now with the due cards of one person: sent together, moved to a later moment, or lapsed."""

    send: tuple[int, ...] = ()
    move: tuple[tuple[int, datetime], ...] = ()
    lapse: tuple[int, ...] = ()
    counted: bool = True


def decide(
    *,
    now: datetime,
    calendar: Calendar,
    due: tuple[Waiting, ...],
    upcoming: tuple[Waiting, ...],
    recent: tuple[datetime, ...],
) -> Decision:
    """What to do now with the due cards of one person.

    upcoming: their planned cards of the coming week. recent: when they were contacted in the past week, as far as it
    counts. Everything due goes into one mail. A card whose window is over lapses: nobody is asked about the past.
    """
    lapse = tuple(card.card for card in due if card.closes_at <= now)
    live = tuple(card for card in due if card.closes_at > now)
    if not live:
        return Decision(lapse=lapse)
    allowed = calendar.next_allowed(now)
    if allowed is None:
        return Decision(lapse=tuple(card.card for card in due))
    if allowed > now:
        return Decision(lapse=lapse, move=_moved(live, to=allowed))
    counted = not any(card.uncounted for card in live)
    if counted and (later := _later(now=now, calendar=calendar, live=live, upcoming=upcoming, recent=recent)):
        return Decision(lapse=lapse, move=_moved(live, to=later))
    return Decision(lapse=lapse, send=tuple(card.card for card in live), counted=counted)


def _later(
    *,
    now: datetime,
    calendar: Calendar,
    live: tuple[Waiting, ...],
    upcoming: tuple[Waiting, ...],
    recent: tuple[datetime, ...],
) -> datetime | None:
    """When to try again, if the budget says not now; None when it may go.

    Cards that yield, reminders among them, wait for the next firm card when that one and others need what is left.
    """
    used = sorted(at for at in recent if at > now - WINDOW)
    if len(used) >= BUDGET:
        return used[-BUDGET] + WINDOW
    if not all(card.yields or card.reminder for card in live):
        return None
    firm = [card for card in upcoming if not card.yields and not card.uncounted and now < card.next_at < now + WINDOW]
    days = {calendar.local(card.next_at).date() for card in firm}
    if len(used) + 1 + len(days) > BUDGET:
        return min(card.next_at for card in firm)
    return None


def _moved(cards: tuple[Waiting, ...], *, to: datetime) -> tuple[tuple[int, datetime], ...]:
    return tuple((card.card, min(to, card.closes_at)) for card in cards)


def reminder_at(*, opened_at: datetime, closes_at: datetime) -> datetime | None:
    """When to ask once more, half-way the window; None when the window is too short for it to be kind."""
    at = opened_at + (closes_at - opened_at) / 2
    return at if at - opened_at >= LEAST_BEFORE_REMINDER else None


def retry_at(*, now: datetime, attempts: int) -> datetime:
    """After a refusal: at least a minute later, each time twice as long, at most an hour."""
    return now + min(timedelta(minutes=2 ** min(attempts, 6)), timedelta(hours=1))


def is_asked(screen: Screen, given: Mapping[str, Given]) -> bool:
    """Whether a question is asked at all, seeing what was answered before it."""
    if screen.only_after is None:
        return True
    earlier, answers = screen.only_after
    return earlier in given and given[earlier].choice in answers


class AnswerError(ValueError):
    """An answer that cannot be kept; `code` says why: missing, unknown, number, date, long, half."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


LONGEST = 2_000
"""Characters of own words."""


def check(screen: Screen, given: Mapping[str, str]) -> Given:
    """What somebody sent for a question, as an answer that can be kept. Raises AnswerError.

    `given` holds `answer`, or for an if-then plan `if` and `then`. For a scale, count or date `answer` may be the key
    of an option beside it, for a date `other` too. Nothing at all is an answer to a question that may stay open.
    """
    if screen.type == "if-then":
        return _plan(given.get("if", "").strip(), given.get("then", "").strip(), screen)
    said = given.get("answer", "").strip() or given.get("other", "")
    return _said(said, screen) if said else _nothing(screen)


def _said(said: str, screen: Screen) -> Given:
    if any(choice.key == said for choice in screen.choices):
        return Given(choice=said)
    if screen.type in {"choice", "yesno"}:
        raise AnswerError("unknown")
    if screen.type in {"scale", "count10"}:
        return Given(number=_number(said, screen))
    return Given(text=_date(said) if screen.type == "date" else _short(said))


def _nothing(screen: Screen) -> Given:
    if screen.required:
        raise AnswerError("missing")
    return Given()


def _number(said: str, screen: Screen) -> float:
    if not said.isascii() or not said.isdigit() or not screen.low <= int(said) <= screen.high:
        raise AnswerError("number")
    return float(said)


def _date(said: str) -> str:
    try:
        return date.fromisoformat(said).isoformat()
    except ValueError:
        raise AnswerError("date") from None


def _short(said: str) -> str:
    if len(said) > LONGEST:
        raise AnswerError("long")
    return said


def _plan(situation: str, act: str, screen: Screen) -> Given:
    """Both halves, one a line."""
    if not situation and not act:
        return _nothing(screen)
    if not situation or not act:
        raise AnswerError("half")
    return Given(text=_short(f"{' '.join(situation.split())}\n{' '.join(act.split())}"))
