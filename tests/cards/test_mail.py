"""A contact as a mail: what stands in it, in two forms and two languages, and what can never get in."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default

import pytest

from borging.cards.links import choice_mark
from borging.cards.mail import AddressError, message
from borging.cards.rules import Choice, Mail, MailCard, Screen
from tests.cards.letters import ATTEMPT, DOMAIN, KEY, SENDER, SITE, TALK, card, mail

LINKS = re.compile(r"https?://[^\s\"'<>)]+")
LANGUAGES = pytest.mark.parametrize("language", ["nl", "en"])


def forms(given: Mail) -> tuple[str, str]:
    """The HTML and the plain text of a mail."""
    made = message(given, sender=SENDER, domain=DOMAIN)
    return str(made.alternatives[0][0]), str(made.body)


def read(given: Mail) -> EmailMessage:
    """A mail as a mail program reads what was sent."""
    made = BytesParser(policy=default).parsebytes(message(given, sender=SENDER, domain=DOMAIN).message().as_bytes())
    assert isinstance(made, EmailMessage)
    return made


def readers(made: EmailMessage) -> list[str]:
    return [address.addr_spec for address in made["To"].addresses]


def hrefs(html: str) -> set[str]:
    return {found.replace("&amp;", "&") for found in re.findall(r'href="([^"]*)"', html)}


def test_the_same_contact_is_the_same_message_however_often_it_is_made() -> None:
    assert read(mail())["Message-ID"] == read(mail())["Message-ID"] == f"<{KEY}@{DOMAIN}>"
    assert read(mail(key="other"))["Message-ID"] == f"<other@{DOMAIN}>"


def test_a_mail_says_that_nobody_need_answer_it_and_how_to_stop_it() -> None:
    now = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    made = message(mail(), sender=SENDER, domain=DOMAIN, now=now).message()
    assert made["From"] == SENDER
    assert made["List-Unsubscribe"] == f"<{SITE}/pause/7.xyz/>"
    assert made["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert made["Auto-Submitted"] == "auto-generated"
    assert made["X-Auto-Response-Suppress"] == "All"
    assert made["Date"] == "Tue, 24 Nov 2026 09:00:00 +0000"


@LANGUAGES
def test_the_plain_text_has_every_link_that_the_html_has(language: str) -> None:
    html, text = forms(mail(language=language))
    links = set(LINKS.findall(text))
    assert links == hrefs(html)
    chosen = choice_mark("/c/1.0.abc/", "no-opportunity")
    assert links > {f"{SITE}/c/1.0.abc/?a={chosen}", f"{SITE}/c/2.0.def/", f"{SITE}/pause/7.xyz/"}


@LANGUAGES
def test_a_mail_leads_and_fetches_nowhere_else(language: str) -> None:
    html, _text = forms(mail(language=language))
    named = re.sub(r'xmlns(:\w+)?="[^"]*"', "", html)
    assert all(link.startswith(SITE) for link in LINKS.findall(named))
    assert not re.search(r"<(img|link|script|iframe)\b|url\(|@import|@font-face|src=", html)


def test_each_language_has_its_own_words() -> None:
    dutch, english = (" ".join(forms(mail(language=language))) for language in ("nl", "en"))
    for words in ("Wie ziet dit", "Jouw plan", "Ook voor jou", "Even geen mail meer", "hoogstens 2 keer per week"):
        assert words in dutch
    for words in ("Who sees this", "Your plan", "Also for you", "Take a break", "at most 2 times a week"):
        assert words in english
        assert words not in dutch
    assert 'lang="nl"' in dutch
    assert 'lang="en"' in english


def test_the_first_question_stands_in_the_mail_with_its_answers() -> None:
    html, text = forms(mail(card(ATTEMPT["en"]), language="en"))
    for words in ("Did it come up this week?", "Yes, and I did it", "No opportunity", "You confirm your choice"):
        assert words in html
        assert words in text
    assert f"{SITE}/c/1.0.abc/" not in hrefs(html)  # only its answers lead there


@pytest.mark.parametrize(
    "screen",
    [
        Screen(name="q", type="text", text="What did you agree on?"),
        Screen(
            name="q", type="scale", text="How sure?", choices=(Choice(key="none", words="did not come up"),), high=10
        ),
        Screen(
            name="q", type="choice", text="What?", choices=tuple(Choice(key=f"{i}", words=f"{i}") for i in range(7))
        ),
    ],
    ids=lambda screen: screen.type,
)
def test_a_question_that_does_not_fit_in_a_mail_has_one_button(screen: Screen) -> None:
    html, text = forms(mail(card(replace(TALK["en"], screens=(screen,))), language="en"))
    assert hrefs(html) == {f"{SITE}/c/1.0.abc/", f"{SITE}/pause/7.xyz/"}
    assert screen.text in text
    assert "Give your answer" in text
    assert "You confirm your choice" not in text


def test_a_card_without_questions_can_be_opened() -> None:
    _html, text = forms(mail(card(replace(TALK["en"], screens=())), language="en"))
    assert f"Open the card:\n{SITE}/c/1.0.abc/" in text


def test_a_key_of_an_answer_cannot_change_the_address_it_leads_to() -> None:
    odd = Screen(name="q", type="yesno", text="Well?", choices=(Choice(key="a&b=c#d e", words="Yes"),))
    html, _text = forms(mail(card(replace(TALK["en"], screens=(odd,))), language="en"))
    assert f"{SITE}/c/1.0.abc/?a={choice_mark('/c/1.0.abc/', 'a&b=c#d e')}" in hrefs(html)


@pytest.mark.parametrize(
    ("cards", "subject"),
    [
        ((card(ATTEMPT["en"]),), "Did it come up this week?"),
        ((card(ATTEMPT["en"]), card(TALK["en"])), "Did it come up this week? (and 1 more)"),
        ((card(ATTEMPT["en"], reminder=True),), "There is still time: Did it come up this week?"),
        (
            (card(TALK["en"], reminder=True), card(TALK["en"]), card(TALK["en"])),
            "There is still time: In 10 days Samira goes to training (and 2 more)",
        ),
    ],
)
def test_the_subject_is_what_is_asked_first(cards: tuple[MailCard, ...], subject: str) -> None:
    assert read(mail(*cards, language="en"))["Subject"] == subject


def test_a_reminder_is_kind_and_the_only_one() -> None:
    again, first = (forms(mail(card(TALK["nl"], reminder=reminder)))[1] for reminder in (True, False))
    assert "dit is de enige herinnering" in again
    assert "herinnering" not in first


@pytest.mark.parametrize(
    ("closes_at", "words"),
    [
        (datetime(2026, 11, 27, 16, 0, tzinfo=UTC), "tot vrijdag 27 november, 17:00 uur"),
        (datetime(2026, 11, 27, 23, 0, tzinfo=UTC), "tot en met vrijdag 27 november"),
        (datetime(2026, 11, 27, 22, 59, 59, tzinfo=UTC), "tot en met vrijdag 27 november"),
    ],
)
def test_until_when_is_said_as_people_say_it(closes_at: datetime, words: str) -> None:
    _html, text = forms(mail(replace(card(TALK["nl"]), closes_at=closes_at)))
    assert f"Antwoorden kan {words}." in text


def test_until_when_is_said_on_the_clock_of_the_reader() -> None:
    given = mail(replace(card(TALK["nl"]), closes_at=datetime(2026, 11, 27, 20, 0, tzinfo=UTC)), zone="America/Curacao")
    assert "tot vrijdag 27 november, 16:00 uur" in forms(given)[1]


INJECTED = "Samira\r\nBcc: all@example.org\nX-Evil: 1\u2028\x00\u202e"


def test_a_name_with_line_ends_adds_no_header_and_no_reader() -> None:
    content = replace(ATTEMPT["en"], subject=f"Did it {INJECTED}?")
    given = mail(card(content), language="en", to_name=INJECTED)
    made = read(given)
    assert len(message(given, sender=SENDER, domain=DOMAIN).recipients()) == 1
    assert readers(made) == ["samira@example.org"]
    assert "Bcc" not in made
    assert "X-Evil" not in made
    assert made["Subject"] == "Did it Samira Bcc: all@example.org X-Evil: 1 ?"


@pytest.mark.parametrize(
    "name", ["Ümit Ğül, teamleider", 'Jan "de Beer" <evil@x.org>', "王小明", "", "=?utf-8?q?x?=", "a" * 300]
)
def test_any_name_leaves_one_reader(name: str) -> None:
    assert readers(read(mail(to_name=name))) == ["samira@example.org"]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "a@b.nl, c@d.nl",
        "a@b.nl\r\nBcc: c@d.nl",
        "a@b.nl\r\n",
        "Jan <a@b.nl>",
        "a@b.nl c@d.nl",
        "a@b@c.nl",
    ],
)
def test_what_is_not_one_address_is_no_reader(address: str) -> None:
    with pytest.raises(AddressError):
        message(mail(to_address=address), sender=SENDER, domain=DOMAIN)


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/login",
        "HTTP://evil.example",
        "www.evil.example/x",
        "//evil.example/x",
        "mailto:evil@evil.example",
        "javascript:alert(1)",
        "data:text/html,evil",
        "ftp://evil.example",
    ],
)
def test_words_of_people_bring_no_links(link: str) -> None:
    words = f"Kijk op {link} voor meer"
    content = replace(
        ATTEMPT["nl"],
        subject=words,
        eyebrow=words,
        title=words,
        intro=words,
        plan=words,
        sees=((words, words),),
        screens=(Screen(name="q", type="choice", text=words, choices=(Choice(key="a", words=words),)),),
    )
    given = mail(card(content), card(content), to_name=words, organisation=words)
    for form in (*forms(given), str(read(given)["Subject"])):
        assert "evil" not in form
        assert "alert" not in form
        assert "[link weggelaten]" in form


def test_marks_in_words_stay_words() -> None:
    content = replace(ATTEMPT["en"], title="<b>Tea & {{ 7|add:7 }} {% now %}</b>")
    html, text = forms(mail(card(content), language="en"))
    assert "&lt;b&gt;Tea &amp; {{ 7|add:7 }} {% now %}&lt;/b&gt;" in html
    assert content.title in text
