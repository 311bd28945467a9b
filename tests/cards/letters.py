"""Mails to test with."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from borging.cards.rules import Choice, Content, Mail, MailCard, Screen

SITE = "https://borging.example.org"
SENDER = "Borging <borging@example.org>"
DOMAIN = "borging.example.org"
KEY = "5f0c2f0e-7f0b-4a52-9a53-0f6f1a3c9d11"
SEES = {
    "nl": (
        ("Jij", "alles, en je kunt het wissen"),
        ("Je maatje", "niets, tenzij jij het deelt"),
        ("Je leiding", "nooit jouw antwoord; het team pas vanaf 5 antwoorden"),
    ),
    "en": (
        ("You", "everything, and you can delete it"),
        ("Your buddy", "nothing, unless you share it"),
        ("Your manager", "never your answer; the team only from 5 answers"),
    ),
}
ATTEMPT = {
    "nl": Content(
        subject="Kwam het deze week voor?",
        eyebrow="Het goede gesprek over verzuim · week 3",
        title="Hoe ging het deze week?",
        intro="Twee korte vragen over je plan. Ook als het nog stroef ging, is het een poging.",
        thanks="Dank je.",
        minutes=1,
        screens=(
            Screen(
                name="happened.1",
                type="choice",
                text="Kwam het deze week voor?",
                choices=(
                    Choice(key="done", words="Ja, en ik deed het"),
                    Choice(key="not-done", words="Ja, maar het kwam er niet van"),
                    Choice(key="no-opportunity", words="Geen gelegenheid"),
                ),
            ),
        ),
        sees=SEES["nl"],
        plan="Als iemand zich ziek meldt, dan vraag ik eerst wat wél kan.",
    ),
    "en": Content(
        subject="Did it come up this week?",
        eyebrow="The good talk about absence · week 3",
        title="How did it go this week?",
        intro="Two short questions about your plan. If it was still clumsy, it counts as an attempt too.",
        thanks="Thank you.",
        minutes=1,
        screens=(
            Screen(
                name="happened.1",
                type="choice",
                text="Did it come up this week?",
                choices=(
                    Choice(key="done", words="Yes, and I did it"),
                    Choice(key="not-done", words="Yes, but it did not happen"),
                    Choice(key="no-opportunity", words="No opportunity"),
                ),
            ),
        ),
        sees=SEES["en"],
        plan="If somebody calls in sick, then I first ask what they can do.",
    ),
}
TALK = {
    "nl": Content(
        subject="Over 10 dagen gaat Samira op training",
        eyebrow="Het goede gesprek over verzuim",
        title="Spreek tien minuten met Samira",
        intro="Een kort gesprek vooraf helpt meer dan een lang gesprek achteraf.",
        thanks="Dank je.",
        minutes=10,
        screens=(Screen(name="agreed", type="text", text="Wat spraken jullie af?"),),
        sees=SEES["nl"],
    ),
    "en": Content(
        subject="In 10 days Samira goes to training",
        eyebrow="The good talk about absence",
        title="Ten minutes with Samira",
        intro="A short talk before helps more than a long talk after.",
        thanks="Thank you.",
        minutes=10,
        screens=(Screen(name="agreed", type="text", text="What did you agree on?"),),
        sees=SEES["en"],
    ),
}


def card(content: Content, *, path: str = "c/1.0.abc/", reminder: bool = False) -> MailCard:
    closes_at = datetime(2026, 11, 27, 22, 59, tzinfo=UTC)  # a minute before midnight in Amsterdam
    return MailCard(content=content, url=f"{SITE}/{path}", closes_at=closes_at, reminder=reminder)


def mail(*cards: MailCard, language: str = "nl", **changes: Any) -> Mail:
    made = Mail(
        key=KEY,
        to_name="Samira El Idrissi",
        to_address="samira@example.org",
        language=language,
        organisation="De Vaart",
        cards=cards or (card(ATTEMPT[language]), card(TALK[language], path="c/2.0.def/")),
        pause_url=f"{SITE}/pause/7.xyz/",
    )
    return replace(made, **changes)
