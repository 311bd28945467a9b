"""Somebody who reads their mail and answers the cards in it, as a browser would: follow the link, fill in the form."""

import re
from collections.abc import Callable
from email.message import EmailMessage
from html import unescape

from django.test import Client

LINK = re.compile(r"https?://[^/\s]+(/k/[\w.-]+/)")
FIELD = re.compile(r"<(input|textarea)\b([^>]*)>")
ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
Choose = Callable[[str, list[str]], str]
"""Which of the values a question offers is chosen; for own words the list is empty."""


def links(mail: EmailMessage) -> list[str]:
    """The cards in a mail, in order, by their path."""
    part = mail.get_body(("plain",))
    return list(dict.fromkeys(LINK.findall(part.get_content() if part else "")))


def middling(_name: str, values: list[str]) -> str:
    """Somebody without strong opinions."""
    return values[len(values) // 2] if values else "something at work"


def answer(path: str, choose: Choose = middling, *, client: Client | None = None) -> str:
    """Answer a card to the end; returns the text of its last page."""
    reader = client or Client()
    response = reader.get(path)
    for _screen in range(60):
        html = response.content.decode()
        if response.status_code != 200 or '<form class="card"' not in html:
            return html
        response = reader.post(path, filled(html, choose), follow=True)
    raise AssertionError("this card has no end")


def filled(html: str, choose: Choose) -> dict[str, str]:
    """The form on a page, with an answer chosen for its question."""
    form = html[html.index('<form class="card"') :]
    form = form[: form.index("</form>")]
    data: dict[str, str] = {}
    options: dict[str, list[str]] = {}
    for tag, attributes in FIELD.findall(form):
        found = {name: unescape(value) for name, value in ATTRIBUTE.findall(attributes)}
        name = found.get("name", "")
        if found.get("type") == "hidden":
            data[name] = found["value"]
        elif found.get("type") == "radio":
            options.setdefault(name, []).append(found["value"])
        elif tag == "textarea":
            data[name] = choose(name, [])
    for name, values in options.items():
        data[name] = choose(name, values)
    return data
