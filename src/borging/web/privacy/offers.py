"""Telling who is about to leave how to take their own words along, before these are removed."""

import smtplib
from datetime import datetime

from django.conf import settings
from django.core.mail import send_mail
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from borging.people import reads as people
from borging.people.models import Person
from borging.privacy import retention


def send(*, now: datetime) -> int:
    """One mail each, at most once, when the person may be written to. Returns how many were sent."""
    leaving = retention.leaving(now=now)
    calendars = people.calendars(leaving)
    awake = [person for person in leaving if calendars[person.pk].next_allowed(now) == now]
    return sum(_tell(person, now=now) for person in awake)


def _tell(person: Person, *, now: datetime) -> bool:
    """Noted before it is sent: a second worker does not send it again. A mail server that is away gets it next hour."""
    if not retention.offered(person=person, now=now):
        return False
    try:
        with override(people.language_of(person)):
            send_mail(_("Take your own words along"), _words(person), None, [people.address(person)])
    except (smtplib.SMTPException, OSError):
        person.offer.delete()
        return False
    return True


def _words(person: Person) -> str:
    return _(
        "Hello %(name)s,\n\nYou are about to leave %(organisation)s. Your goals, plans and notes are yours. Until your "
        "last day you can take them along: open the address below, fill in your e-mail address, and you get a code.\n\n"
        "%(address)s\n\nThirty days after your last day Borging removes them for good. You need not do anything.\n"
    ) % {
        "name": person.name,
        "organisation": person.organisation,
        "address": settings.BASE_URL + reverse("own"),
    }
