"""A contact as a mail: one text in two forms, HTML and plain, with the first question in it. It fetches nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime, formataddr
from functools import cache
from pathlib import Path

import mjml
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email
from django.template import Context, Engine, Template
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .links import choice_mark
from .rules import BUDGET, Invitation, Mail, MailCard

MOST_BUTTONS = 6
"""A question with more options is chosen from on the page."""
DAY = "l j F"
STRUCTURE = Path(__file__).parent / "templates/cards/mail.mjml"
UNSEEN = re.compile("[\x00-\x20\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")
LINK = re.compile(r"(?:(?:\b[a-z][a-z0-9+.-]{1,20}:)?//|\b(?:mailto|javascript|data):|\bwww\.)\S+", re.IGNORECASE)


class AddressError(ValueError):
    """This is not one mail address."""


@dataclass(frozen=True, kw_only=True)
class Button:
    """Words that lead to an address of our own."""

    words: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Other:
    """A further card: its title leads to it."""

    button: Button
    facts: str


@dataclass(frozen=True, kw_only=True)
class Letter:
    """All that stands in a mail, in the order in which it is read. Both forms are written from it and nothing else.

    Either `options` (the answers to `question`) or `button` is there.
    """

    language: str
    subject: str
    preview: str
    reader: str
    eyebrow: str
    plan_words: str
    plan: str
    title: str
    opening: tuple[str, ...]
    question: str
    options: tuple[Button, ...]
    button: Button | None
    closing: tuple[str, ...]
    sees_words: str
    sees: tuple[tuple[str, str], ...]
    others_words: str
    others: tuple[Other, ...]
    dates_words: str
    dates: tuple[str, ...]
    footer: tuple[str, ...]
    pause: Button


def message(mail: Mail, *, sender: str, domain: str, now: datetime | None = None) -> EmailMultiAlternatives:
    """The mail of a contact. The same contact gives the same Message-ID, however often it is made.

    now: what the mail is dated; without it, the moment it is sent.
    Raises AddressError when the reader's address is not exactly one address.
    """
    with translation.override(mail.language), timezone.override(mail.zone or None):
        letter = _letter(mail)
        html = structure().render(Context({"letter": letter}))
    headers = {
        "Message-ID": f"<{mail.key}@{domain}>",
        "List-Unsubscribe": f"<{mail.pause_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }
    if now:
        headers["Date"] = format_datetime(now)
    made = EmailMultiAlternatives(letter.subject, _plain(letter), sender, [_recipient(mail)], headers=headers)
    made.attach_alternative(html, "text/html")
    for n, invitation in enumerate(mail.invitations, start=1):
        name = "invitation.ics" if len(mail.invitations) == 1 else f"invitation-{n}.ics"
        made.attach(name, invitation.file, f"text/calendar; method={invitation.method}")
    return made


@cache
def structure() -> Template:
    """The HTML with its blanks, compiled once: MJML lets the template's own marks through as they are."""
    html = mjml.mjml2html(STRUCTURE.read_text(encoding="utf-8"), fonts={})
    return Engine.get_default().from_string(html)


def one_line(text: str) -> str:
    """Text without line ends and other characters one cannot see: a name can add no header and no second line."""
    return UNSEEN.sub(" ", text).strip()


def without_links(text: str) -> str:
    """Words of people, in one line. Addresses in it are taken out: every link in a mail is Borging's own."""
    return LINK.sub(lambda _found: _("[link left out]"), one_line(text))


def _recipient(mail: Mail) -> str:
    try:
        validate_email(mail.to_address)
    except ValidationError as error:
        raise AddressError("not one mail address") from error
    return formataddr((one_line(mail.to_name), mail.to_address))


def _letter(mail: Mail) -> Letter:
    if not mail.cards:
        return _notice(mail)
    card, *others = mail.cards
    content, (question, options) = card.content, _asked(card)
    own = without_links
    return Letter(
        language=mail.language,
        subject=_subject(mail),
        preview=question or own(content.intro),
        reader=_reader(mail),
        eyebrow=own(content.eyebrow),
        plan_words=_("Your plan"),
        plan=own(content.plan),
        title=own(content.title),
        opening=tuple(filter(None, (_again(card), own(content.intro)))),
        question=question,
        options=options,
        button=None
        if options
        else Button(words=_("Give your answer") if question else _("Open the card"), url=card.url),
        closing=tuple(filter(None, (_("You confirm your choice on the page.") if options else "", _facts(card)))),
        sees_words=_("Who sees this"),
        sees=tuple((own(who), own(what)) for who, what in content.sees),
        others_words=_("Also for you"),
        others=tuple(_other(other) for other in others),
        dates_words=_("In your calendar"),
        dates=_dates(mail),
        footer=_footer(mail),
        pause=_pause(mail),
    )


def _notice(mail: Mail) -> Letter:
    """A mail about nothing but the reader's calendar: it asks nothing."""
    first = mail.invitations[0]
    dates = _dates(mail)
    if first.cancelled:
        title = _("This is off")
    elif first.changed:
        title = _("Another time")
    else:
        title = _("In your calendar")
    return Letter(
        language=mail.language,
        subject=f"{title}: {without_links(first.title)}",
        preview=dates[0],
        reader=_reader(mail),
        eyebrow="",
        plan_words="",
        plan="",
        title=title,
        opening=(*dates, _("The invitation with this mail puts your calendar right. You need not do anything else.")),
        question="",
        options=(),
        button=None,
        closing=(),
        sees_words="",
        sees=(),
        others_words="",
        others=(),
        dates_words="",
        dates=(),
        footer=_footer(mail),
        pause=_pause(mail),
    )


def _reader(mail: Mail) -> str:
    words = {"name": without_links(mail.to_name), "organisation": without_links(mail.organisation)}
    return _("For %(name)s · %(organisation)s") % words


def _pause(mail: Mail) -> Button:
    return Button(words=_("Take a break from these mails"), url=mail.pause_url)


def _dates(mail: Mail) -> tuple[str, ...]:
    """What changes in the calendar, one a line."""
    return tuple(_date(each) for each in mail.invitations)


def _date(each: Invitation) -> str:
    words = {"title": without_links(each.title), "when": each.when}
    if each.cancelled:
        return _("Off: %(title)s (%(when)s)") % words
    return (_("Moved: %(when)s · %(title)s") if each.changed else _("%(when)s · %(title)s")) % words


def _subject(mail: Mail) -> str:
    """The first card's subject, how many more there are, and that a reminder is only that."""
    card, *others = mail.cards
    subject = without_links(card.content.subject)
    if card.reminder:
        subject = _("There is still time: %(subject)s") % {"subject": subject}
    if not others:
        return subject
    more = ngettext("%(subject)s (and %(n)s more)", "%(subject)s (and %(n)s more)", len(others))
    return more % {"subject": subject, "n": len(others)}


def _again(card: MailCard) -> str:
    if not card.reminder:
        return ""
    return _("We asked you this before. If it does not suit you, just leave it: this is the only reminder.")


def _asked(card: MailCard) -> tuple[str, tuple[Button, ...]]:
    """The first question, and its answers when they fit in a mail. Each opens the page with that answer chosen."""
    if not card.content.screens or card.content.later:
        return "", ()
    screen = card.content.screens[0]
    choices = screen.choices if screen.type in {"choice", "yesno"} else ()
    if len(choices) > MOST_BUTTONS:
        choices = ()
    options = tuple(Button(words=without_links(choice.words), url=_chosen(card.url, choice.key)) for choice in choices)
    return without_links(screen.text), options


def _chosen(url: str, key: str) -> str:
    return f"{url}?a={choice_mark(url, key)}"


def _facts(card: MailCard) -> str:
    return _("%(time)s. You can answer until %(day)s.") % {"time": duration(card), "day": _until(card.closes_at)}


def duration(card: MailCard) -> str:
    n = card.content.minutes
    return ngettext("About %(n)s minute", "About %(n)s minutes", n) % {"n": n}


def _until(closes_at: datetime) -> str:
    """The last whole day on which it can be answered, or the hour on the day it closes."""
    closes = timezone.localtime(closes_at)
    last = closes - timedelta(minutes=1)
    if last.date() < (closes + timedelta(minutes=1)).date():
        return _("the end of %(day)s") % {"day": date_format(last, DAY)}
    return _("%(day)s, %(time)s") % {"day": date_format(closes, DAY), "time": date_format(closes, "H:i")}


def _other(card: MailCard) -> Other:
    facts = (_("A reminder") if card.reminder else "", without_links(card.content.eyebrow), duration(card))
    return Other(
        button=Button(words=without_links(card.content.subject), url=card.url), facts=" · ".join(filter(None, facts))
    )


def _footer(mail: Mail) -> tuple[str, ...]:
    return (
        _("You get this mail because you take part in a training at %(organisation)s, or help somebody who does.")
        % {"organisation": without_links(mail.organisation)},
        _("Borging writes to you at most %(n)s times a week, over all trainings together.") % {"n": BUDGET},
        _("The links in this mail are yours alone, so please do not forward it."),
    )


def _plain(letter: Letter) -> str:
    """The letter as plain text: the same words and the same links."""
    options = "\n".join(_linked(button) for button in letter.options)
    paragraphs = (
        f"{letter.reader}\n{letter.eyebrow}".strip(),
        letter.plan and f"{letter.plan_words}: {letter.plan}",
        f"{letter.title}\n{'=' * min(len(letter.title), 60)}",
        *letter.opening,
        letter.question,
        options,
        letter.button and f"{letter.button.words}:\n{letter.button.url}",
        "\n".join(letter.closing),
        letter.dates and "\n".join((letter.dates_words, *(f"- {date}" for date in letter.dates))),
        letter.sees and "\n".join((letter.sees_words, *(f"- {who}: {what}" for who, what in letter.sees))),
        letter.others and "\n".join((letter.others_words, *(_further(other) for other in letter.others))),
        "---",
        "\n".join(letter.footer),
        f"{letter.pause.words}:\n{letter.pause.url}",
    )
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph) + "\n"


def _linked(button: Button) -> str:
    return f"- {button.words}\n  {button.url}"


def _further(other: Other) -> str:
    return f"- {other.button.words} ({other.facts})\n  {other.button.url}"
