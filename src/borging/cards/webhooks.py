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
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from .jobs import AwayError, RefusedError
from .mail import Button, without_links
from .models import Webhook

TIMEOUT = 10
"""Seconds."""
PORT = 443
TAKEN = (HTTPStatus.OK, HTTPStatus.ACCEPTED)
LATER = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
NAT64 = ipaddress.ip_network("64:ff9b::/96")
Payload = dict[str, Any]


class ForbiddenAddressError(ValueError):
    """A webhook may not go there."""


@dataclass(frozen=True, kw_only=True)
class Note:
    """What is said in a channel, in one language. Everybody there reads it, so it names nobody, and `button` leads only
    where somebody has to log in."""

    title: str
    lines: tuple[str, ...]
    button: Button | None = None


def webhook_payload(kind: str, note: Note) -> Payload:
    """A note as this kind of channel takes it."""
    return FORMS[Webhook.Kind(kind)](note)


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


def _adaptive_card(note: Note) -> Payload:
    """An Adaptive Card, as a Teams workflow "when a webhook request is received" posts it."""
    title = {"type": "TextBlock", "text": without_links(note.title), "size": "Large", "weight": "Bolder"}
    body = [title, *({"type": "TextBlock", "text": without_links(line)} for line in note.lines)]
    content: Payload = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [{**block, "wrap": True} for block in body],
    }
    if note.button:
        content["actions"] = [{"type": "Action.OpenUrl", "title": note.button.words, "url": note.button.url}]
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": content}
    return {"type": "message", "attachments": [attachment]}


def _block_kit(note: Note) -> Payload:
    """Blocks, as a Slack incoming webhook takes them; `text` is what a notification shows. Lengths are Slack's."""
    title = without_links(note.title)

    def plain(text: str, *, most: int) -> Payload:
        return {"type": "plain_text", "text": text[:most]}

    blocks: list[Payload] = [
        {"type": "header", "text": plain(title, most=150)},
        *({"type": "section", "text": plain(without_links(line), most=3000)} for line in note.lines),
    ]
    if note.button:
        words = plain(note.button.words, most=75)
        button = {"type": "button", "text": words, "url": note.button.url, "action_id": "open"}
        blocks.append({"type": "actions", "elements": [button]})
    return {"text": _escaped(title), "blocks": blocks}


def _escaped(text: str) -> str:
    """Slack reads marks in the text of a notification; these three are how they begin."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


FORMS: dict[Webhook.Kind, Callable[[Note], Payload]] = {
    Webhook.Kind.TEAMS: _adaptive_card,
    Webhook.Kind.SLACK: _block_kit,
}
