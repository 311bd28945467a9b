"""Mails against a real mail server that takes them, refuses them, hangs up, or is not there."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.core.mail import EmailMultiAlternatives
from pytest_django import Settings

from borging.cards.channels import MOST_BREAKS, post
from borging.cards.jobs import AwayError, BrokenError, RefusedError
from borging.cards.mail import message
from borging.cards.rules import Mail
from tests.cards.letters import DOMAIN, SENDER, mail

HANG_UP = "hang up"


@dataclass
class PostOffice:
    """A server that answers as it is told, by step and address; what it took is in `taken`."""

    answers: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    taken: list[bytes] = field(default_factory=list)
    sessions: set[int] = field(default_factory=set)

    def told(self, step: str, address: str) -> str | None:
        waiting = self.answers.get((step, address), [])
        return waiting.pop(0) if waiting else None

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        self.sessions.add(id(session))
        envelope.mail_from = address
        return self.told("MAIL", address) or "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if answer := self.told("RCPT", address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self.told("DATA", envelope.rcpt_tos[0])
        if answer in {None, HANG_UP}:
            assert isinstance(envelope.original_content, bytes)
            self.taken.append(envelope.original_content)
        if answer == HANG_UP:
            server.transport.abort()
        return answer or "250 OK"

    def received(self) -> list[tuple[str, str]]:
        """The Message-ID and the reader of each mail that was taken."""
        read = [BytesParser(policy=default).parsebytes(content) for content in self.taken]
        return [(str(message["Message-ID"]), message["To"].addresses[0].addr_spec) for message in read]


class AnyPort(Controller):  # type: ignore[misc]  # it has no types
    """A server on a port that is free."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def office(settings: Settings) -> Iterator[PostOffice]:
    office = PostOffice()
    controller = AnyPort(office, hostname="127.0.0.1", port=0)
    controller.start()
    at_server(settings, controller.port)
    yield office
    controller.stop()


def at_server(settings: Settings, port: int) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False


def to(*names: str) -> list[Mail]:
    return [mail(key=name, to_address=f"{name}@example.org") for name in names]


def outcomes(mails: list[Mail]) -> list[str]:
    """For each mail: taken, broken off, or the reason of refusal and whether it is for good."""
    found = []
    for trouble in post(mails, sender=SENDER, domain=DOMAIN):
        if isinstance(trouble, RefusedError):
            found.append(f"{trouble} {'for good' if trouble.permanent else 'for now'}")
        else:
            found.append("taken" if trouble is None else "broken off")
    return found


def test_a_batch_goes_over_one_connection_each_to_its_own_reader(office: PostOffice) -> None:
    assert outcomes(to("a", "b", "c")) == ["taken"] * 3
    assert office.received() == [(f"<{name}@{DOMAIN}>", f"{name}@example.org") for name in "abc"]
    assert len(office.sessions) == 1


def test_no_mails_need_no_server(settings: Settings) -> None:
    at_server(settings, 1)
    assert outcomes([]) == []


@pytest.mark.parametrize("step", ["RCPT", "DATA"])
@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("451 4.3.0 try again later", "451 4.3.0 for now"),
        ("452 mailbox of b@example.org is full", "452 for now"),
        ("550 5.1.1 <b@example.org>: no such user", "550 5.1.1 for good"),
        ("554 no", "554 for good"),
    ],
)
def test_one_refused_mail_stops_no_other_and_the_reason_names_nobody(
    office: PostOffice, step: str, answer: str, outcome: str
) -> None:
    office.answers[step, "b@example.org"] = [answer]
    assert outcomes(to("a", "b", "c")) == ["taken", outcome, "taken"]
    assert [address for _id, address in office.received()] == ["a@example.org", "c@example.org"]


@pytest.mark.parametrize("address", ["", "b", "b@example.org\r\nBcc: all@example.org", "b@example.org, c@example.org"])
def test_a_bad_address_is_refused_for_good_before_anybody_is_asked(office: PostOffice, address: str) -> None:
    mails = [*to("a"), mail(to_address=address), *to("c")]
    assert outcomes(mails) == ["taken", "address for good", "taken"]
    assert [address for _id, address in office.received()] == ["a@example.org", "c@example.org"]


def test_a_server_that_hangs_up_after_the_data_gets_the_same_message_again(office: PostOffice) -> None:
    office.answers["DATA", "b@example.org"] = [HANG_UP]
    assert outcomes(to("a", "b", "c")) == ["taken", "broken off", "taken"]
    assert outcomes(to("b")) == ["taken"]
    assert [key for key, _address in office.received()] == [f"<{name}@{DOMAIN}>" for name in "abcb"]


@pytest.mark.parametrize(
    ("step", "answer"), [("DATA", HANG_UP), ("RCPT", "421 closing"), ("DATA", "421 closing"), ("DATA", "100 what")]
)
def test_a_mail_over_which_the_connection_breaks_stops_no_other(office: PostOffice, step: str, answer: str) -> None:
    office.answers[step, "b@example.org"] = [answer]
    assert outcomes(to("a", "b", "c")) == ["taken", "broken off", "taken"]
    assert len(office.sessions) == 2


def test_a_server_that_hangs_up_over_every_mail_is_away_and_is_not_tried_on_and_on(office: PostOffice) -> None:
    names = [str(n) for n in range(20)]
    office.answers |= {("DATA", f"{name}@example.org"): [HANG_UP] for name in names}
    sending = post(to(*names), sender=SENDER, domain=DOMAIN)
    assert [isinstance(next(sending), BrokenError) for _mail in range(MOST_BREAKS - 1)] == [True] * (MOST_BREAKS - 1)
    with pytest.raises(AwayError):
        next(sending)


def test_a_mail_that_cannot_be_handed_over_at_all_is_refused_and_stops_no_other(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    def odd(made: Mail, **_named: object) -> EmailMultiAlternatives:
        if made.key == "b":
            raise UnicodeEncodeError("ascii", "é", 0, 1, "cannot")
        return message(made, sender=SENDER, domain=DOMAIN)

    monkeypatch.setattr("borging.cards.channels.message", odd)
    assert outcomes(to("a", "b", "c")) == ["taken", "cannot be sent for now", "taken"]


def test_a_server_that_ends_the_connection_between_mails_gets_the_next_over_another(office: PostOffice) -> None:
    office.answers["MAIL", "borging@example.org"] = ["250 OK", "421 4.7.0 too many messages in this session"]
    assert outcomes(to("a", "b", "c")) == ["taken"] * 3
    assert [address for _id, address in office.received()] == [f"{name}@example.org" for name in "abc"]
    assert len(office.sessions) == 2


@pytest.mark.parametrize(
    ("step", "who", "answers"),
    [
        ("MAIL", "borging@example.org", ["421 closing", "421 closing"]),
        ("MAIL", "borging@example.org", ["550 5.7.1 this sender may not"]),
    ],
)
def test_a_server_that_takes_nothing_from_us_is_away(
    office: PostOffice, step: str, who: str, answers: list[str]
) -> None:
    office.answers[step, who] = answers
    with pytest.raises(AwayError):
        outcomes(to("a"))
    assert office.taken == []


def test_a_server_that_is_not_there_is_away(settings: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens here
        at_server(settings, taken.getsockname()[1])
        with pytest.raises(AwayError):
            outcomes(to("a"))


def test_a_server_that_never_answers_is_away(settings: Settings) -> None:
    assert settings.EMAIL_TIMEOUT <= 10
    settings.EMAIL_TIMEOUT = 0.1
    with socket.create_server(("127.0.0.1", 0)) as silent:
        at_server(settings, silent.getsockname()[1])
        with pytest.raises(AwayError):
            outcomes(to("a"))
