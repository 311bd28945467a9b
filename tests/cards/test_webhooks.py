"""Messages to a channel: their form, and every place they may not go."""

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from borging.cards.jobs import AwayError, RefusedError
from borging.cards.mail import Button
from borging.cards.webhooks import ForbiddenAddressError, Note, check_address, post_webhook, webhook_payload

SLACK = "https://hooks.slack.com/services/here"
TEAMS = "https://default0a.7b.environment.api.powerplatform.com:443/powerautomate/workflows/1/invoke?sig=secret"


NOTE = Note(
    title="What do we make easier together?",
    lines=("Who tried something that worked?", "See https://evil.example/x"),
    button=Button(words="Look at the slide", url="https://borging.example.org/programmes/1/"),
)


def test_teams_gets_an_adaptive_card_with_one_button() -> None:
    payload = webhook_payload("teams", NOTE)
    (attachment,) = payload["attachments"]
    assert payload["type"] == "message"
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    content = attachment["content"]
    assert (content["type"], content["version"]) == ("AdaptiveCard", "1.4")
    assert content["body"][0]["text"] == NOTE.title
    assert NOTE.button
    assert [(action["title"], action["url"]) for action in content["actions"]] == [(NOTE.button.words, NOTE.button.url)]


def test_slack_gets_blocks_and_words_for_the_notification() -> None:
    payload = webhook_payload("slack", NOTE)
    assert payload["text"] == NOTE.title
    assert [block["type"] for block in payload["blocks"]] == ["header", "section", "section", "actions"]
    assert NOTE.button
    assert payload["blocks"][-1]["elements"][0]["url"] == NOTE.button.url


@pytest.mark.parametrize("kind", ["teams", "slack"])
def test_no_other_link_than_the_button_goes_into_a_channel(kind: str) -> None:
    said = json.dumps(webhook_payload(kind, replace(NOTE, button=None)), ensure_ascii=False)
    assert "evil.example" not in said
    assert '"url"' not in said


@pytest.mark.parametrize(("kind", "url"), [("slack", SLACK), ("teams", TEAMS)])
def test_the_addresses_of_the_services_are_let_through(kind: str, url: str) -> None:
    assert check_address(kind, url).geturl() == url


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.slack.com/services/x",
        "ftp://hooks.slack.com/x",
        "file:///etc/passwd",
        "//hooks.slack.com/x",
        "hooks.slack.com/x",
        "",
        "https://",
        "https://hooks.slack.com:8443/x",
        "https://hooks.slack.com:x/",
        "https://hooks.slack.com:99999/",
        "https://hooks.slack.com@127.0.0.1/x",
        "https://user@hooks.slack.com/x",
        "https://hooks.slack.com.evil.example/x",
        "https://evilhooks.slack.com/x",
        "https://hooks.slack.com\\@evil.example/x",
        "https://hooks.slack.com\t.evil.example/x",
        "https://hooks.slack.com /x",
        "https://hooks.slack.com/x\r\nHost: evil.example",
        "https://hooks.ѕlack.com/x",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0177.0.0.1/",
        "https://0/",
        "https://localhost/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:169.254.169.254]/",
        "https://[fe80::1%25eth0]/",
        "https://[::1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://metadata.google.internal/",
        "https://10.0.0.1/",
        "https://192.168.0.1/",
        "https://x.api.powerplatform.com/x",
        "https://①②⑦.⓪.⓪.①/",
        "https://hooks.slack.com。evil.example/",
    ],
)
def test_no_other_address_is(url: str) -> None:
    with pytest.raises(ForbiddenAddressError):
        check_address("slack", url)


@pytest.mark.parametrize(
    "host", ["api.powerplatform.com", "evilapi.powerplatform.com", "x.logic.azure.com.evil.example"]
)
def test_a_service_with_many_hosts_has_only_those_under_its_own(host: str) -> None:
    with pytest.raises(ForbiddenAddressError):
        check_address("teams", f"https://{host}/x")


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["::1"],
        ["10.1.2.3"],
        ["172.16.0.1"],
        ["192.168.1.1"],
        ["169.254.169.254"],
        ["100.64.0.1"],
        ["0.0.0.0"],
        ["224.0.0.1"],
        ["255.255.255.255"],
        ["fe80::1%eth0"],
        ["fd00::1"],
        ["ff02::1"],
        ["::ffff:127.0.0.1"],
        ["::ffff:8.8.8.8"],
        ["64:ff9b::7f00:1"],
        ["2002:7f00:1::"],
        ["2001:0:7f00:1::"],
        ["8.8.8.8", "127.0.0.1"],
        [],
    ],
)
def test_a_known_name_that_leads_to_a_place_that_is_not_public_is_not_followed(
    monkeypatch: pytest.MonkeyPatch, addresses: list[str]
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: [(0, 0, 0, "", (a, 443)) for a in addresses])
    monkeypatch.setattr(socket, "create_connection", lambda *_a, **_k: pytest.fail("it was followed"))
    with pytest.raises(ForbiddenAddressError):
        post_webhook("slack", SLACK, {})


class Service(HTTPServer):
    """A service over TLS on this machine; it answers with `status` and keeps what it got."""

    status = 200

    def __init__(self) -> None:
        self.got: list[tuple[str, str, Any]] = []
        super().__init__(("127.0.0.1", 0), Answering)

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller that does not trust us hangs up, as it should."""


class Answering(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.got.append((self.path, self.headers["Host"], body))
        self.send_response(self.server.status)
        self.send_header("Location", "https://127.0.0.1/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Keep quiet."""


def certificate(folder: Path, *, name: str) -> Path:
    """A key with a certificate for a name, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), datetime.now(UTC)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / f"{name}.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> Iterator[Service]:
    """A service that Slack's name leads to, with a trusted certificate for `name`."""
    server, kept = Service(), certificate(tmp_path, name=name)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(kept)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(kept))
    asked: list[str] = []

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        assert ip_address(address[0]).is_global
        assert (address[1], timeout) == (443, 10)
        plain = socket.socket()
        plain.settimeout(timeout)
        plain.connect(server.server_address)
        return plain

    def look_up(host: str, *_args: object, **_names: object) -> list[Any]:
        asked.append(host)
        assert asked == ["hooks.slack.com"], "a name is looked up once"
        return [(0, 0, 0, "", ("8.8.8.8", 443))]

    monkeypatch.setattr(socket, "create_connection", connect)
    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("name", ["hooks.slack.com"])
def test_a_message_is_posted_once_to_the_address_found(service: Service) -> None:
    post_webhook("slack", SLACK, {"text": "é"})
    assert service.got == [("/services/here", "hooks.slack.com", {"text": "é"})]


@pytest.mark.parametrize("name", ["hooks.slack.com"])
@pytest.mark.parametrize(
    ("status", "permanent"), [(404, True), (410, True), (301, True), (307, True), (429, False), (500, False)]
)
def test_a_refusal_is_told_and_a_redirect_is_one(service: Service, status: int, permanent: bool) -> None:
    service.status = status
    with pytest.raises(RefusedError) as refused:
        post_webhook("slack", SLACK, {})
    assert (str(refused.value), refused.value.permanent) == (str(status), permanent)
    assert len(service.got) == 1


@pytest.mark.parametrize("name", ["evil.example"])
def test_a_server_that_cannot_prove_its_name_gets_nothing(service: Service) -> None:
    with pytest.raises(AwayError):
        post_webhook("slack", SLACK, {})
    assert service.got == []
