"""Messages to a channel in Teams or Slack, through an incoming webhook that somebody there made.

The address is given by a person, so it is not trusted: only known hosts, only over TLS, only to the public address they
were found to have, and wherever the answer points is not followed.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import socket
import ssl
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from .jobs import AwayError, RefusedError
from .mail import MOST_BUTTONS, duration, without_links
from .models import Webhook
from .rules import MailCard

TIMEOUT = 10
"""Seconds."""
PORT = 443
TAKEN = (HTTPStatus.OK, HTTPStatus.ACCEPTED)
LATER = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
NAT64 = ipaddress.ip_network("64:ff9b::/96")
Payload = dict[str, Any]


class ForbiddenAddressError(ValueError):
    """A webhook may not go there."""


def webhook_payload(kind: str, card: MailCard, *, language: str) -> Payload:
    """The card as a message to a channel. Its address must be one that everybody in the channel may open."""
    with translation.override(language):
        return FORMS[Webhook.Kind(kind)](card)


def post_webhook(kind: str, url: str, payload: Payload) -> None:
    """Post one message. Raises ForbiddenAddressError, RefusedError, and AwayError when nobody answers."""
    parts = check_address(kind, url)
    host = parts.hostname or ""
    target = f"{parts.path or '/'}?{parts.query}".rstrip("?")
    try:
        connection = PinnedConnection(host, public_address(host))
        try:
            connection.request("POST", target, json.dumps(payload).encode(), {"Content-Type": "application/json"})
            status = connection.getresponse().status
        finally:
            connection.close()
    except (OSError, http.client.HTTPException) as error:
        raise AwayError(type(error).__name__) from error
    if status not in TAKEN:
        raise RefusedError(str(status), permanent=status < 500 and status not in LATER)


def check_address(kind: str, url: str) -> SplitResult:
    """The parts of an address that a webhook of this kind may have. Raises ForbiddenAddressError."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ForbiddenAddressError("not an address") from error
    host = parts.hostname or ""
    known = any(host.endswith(name) if name.startswith(".") else host == name for name in settings.WEBHOOK_HOSTS[kind])
    plain = url.isascii() and url.isprintable() and " " not in url and "\\" not in url
    if not (plain and known and parts.scheme == "https" and port in {None, PORT} and "@" not in parts.netloc):
        raise ForbiddenAddressError("not an address of this service")
    return parts


def public_address(host: str) -> str:
    """Where a host is, found once. Raises ForbiddenAddressError when any of its addresses is not a public one."""
    found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, PORT, type=socket.SOCK_STREAM)]
    if not found or not all(_is_public(address) for address in found):
        raise ForbiddenAddressError("not a public address")
    return found[0]


def _is_public(text: str) -> bool:
    """Not this machine, not this network, nor one of those packed in an IPv6 address."""
    address = ipaddress.ip_address(text.partition("%")[0])
    packed = isinstance(address, ipaddress.IPv6Address) and any(
        (address.ipv4_mapped, address.sixtofour, address.teredo, address in NAT64)
    )
    return address.is_global and not address.is_multicast and not packed


class PinnedConnection(http.client.HTTPSConnection):
    """TLS with a host at the address found before: a name that changes in between changes nothing."""

    def __init__(self, host: str, address: str) -> None:
        self._secure = ssl.create_default_context()
        super().__init__(host, PORT, timeout=TIMEOUT, context=self._secure)
        self._address = address

    def connect(self) -> None:
        plain = socket.create_connection((self._address, PORT), TIMEOUT)
        self.sock = self._secure.wrap_socket(plain, server_hostname=self.host)


def _lines(card: MailCard) -> tuple[str, ...]:
    content = card.content
    return tuple(map(without_links, filter(None, (content.intro, *content.talk[:MOST_BUTTONS]))))


def _adaptive_card(card: MailCard) -> Payload:
    """An Adaptive Card, as a Teams workflow "when a webhook request is received" posts it."""
    title = {"type": "TextBlock", "text": without_links(card.content.title), "size": "Large", "weight": "Bolder"}
    body = [title, *({"type": "TextBlock", "text": line} for line in (*_lines(card), duration(card)))]
    content = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [{**block, "wrap": True} for block in body],
        "actions": [{"type": "Action.OpenUrl", "title": _("Open the card"), "url": card.url}],
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": content}
    return {"type": "message", "attachments": [attachment]}


def _block_kit(card: MailCard) -> Payload:
    """Blocks, as a Slack incoming webhook takes them; `text` is what a notification shows. Lengths are Slack's."""
    title = without_links(card.content.title)

    def plain(text: str, *, most: int) -> Payload:
        return {"type": "plain_text", "text": text[:most]}

    button = {"type": "button", "text": plain(_("Open the card"), most=75), "url": card.url, "action_id": "open-card"}
    return {
        "text": _escaped(title),
        "blocks": [
            {"type": "header", "text": plain(title, most=150)},
            *({"type": "section", "text": plain(line, most=3000)} for line in _lines(card)),
            {"type": "context", "elements": [plain(duration(card), most=3000)]},
            {"type": "actions", "elements": [button]},
        ],
    }


def _escaped(text: str) -> str:
    """Slack reads marks in the text of a notification; these three are how they begin."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


FORMS: dict[Webhook.Kind, Callable[[MailCard], Payload]] = {
    Webhook.Kind.TEAMS: _adaptive_card,
    Webhook.Kind.SLACK: _block_kit,
}
