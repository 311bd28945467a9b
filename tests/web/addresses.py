"""Every address of the house, and who may open it: an own object, in the role that is named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from borging.people.models import Role

if TYPE_CHECKING:
    from tests.web.worlds import World


RELATED = ("learner", "manager", "buddy", "observer", "sponsor", "trainer")
VIEWERS = (*Role.values, "nobody", *RELATED)

LD = frozenset({"ld"})
PEOPLE = frozenset({"ld", "hr-data", "admin"})
STUDIES = frozenset({"ld", "hr-data"})
ADMIN = frozenset({"admin"})
FIGURES = frozenset({"ld", "privacy", "works-council", "sponsor", "trainer"})
ONESELF = frozenset(RELATED)
WINDOW = frozenset({"ld", "privacy", "works-council"})
PRIVACY = frozenset({"privacy"})
REMOVER = frozenset({"sponsor"})
LEADER = frozenset({"manager"})
LOGGED_IN = frozenset(VIEWERS)
ANYBODY = LOGGED_IN | {"anonymous"}

OPENS: dict[str, frozenset[str]] = {
    "home": LOGGED_IN,
    "promise_removal": REMOVER,
    "barrier_upward": REMOVER,
    "barrier_removed": REMOVER,
    "own": ONESELF,
    "own_export": ONESELF,
    "own_forget": ONESELF,
    "own_links": ONESELF,
    "own_line": LOGGED_IN,
    "window": WINDOW,
    "privacy_document": WINDOW,
    "record_consent": PRIVACY | {"works-council"},
    "terms": PRIVACY,
    "remove_person": PRIVACY,
    "language": ANYBODY,
    "late": LD,
    "card": ANYBODY,
    "pause": ANYBODY,
    "card_moment": ANYBODY,
    "card_calendar": ANYBODY,
    "card_revoke": ANYBODY,
    "channels": LD | ADMIN,
    "test_channel": LD | ADMIN,
    "remove_channel": LD | ADMIN,
    "people": PEOPLE,
    "roles": ADMIN,
    "change_roles": ADMIN,
    "import_people": PEOPLE,
    "people_import": PEOPLE,
    "people_columns": PEOPLE,
    "people_back": PEOPLE,
    "apply_people": PEOPLE,
    "undo_people": PEOPLE,
    "discard_people": PEOPLE,
    "person": PEOPLE,
    "person_habits": PEOPLE,
    "add_leave": PEOPLE,
    "remove_leave": PEOPLE,
    "person_account": PEOPLE,
    "close_account": ADMIN,
    "programmes": LD,
    "new_programme": LD,
    "programme": LD,
    "programme_question": LD,
    "start_programme": LD,
    "pause_programme": LD,
    "resume_programme": LD,
    "stop_programme": LD,
    "fix_programme": LD,
    "sign_on_paper": LD,
    "rehearse_programme": LD,
    "programme_cards": LD,
    "programme_card": LD,
    "add_cohort": LD,
    "add_session": LD,
    "programme_session": LD,
    "cancel_session": LD,
    "programme_people": LD,
    "add_people": LD,
    "companions": LD,
    "leave_programme": LD,
    "programme_floor": LD,
    "programme_situations": LD,
    "paste_situations": LD,
    "programme_situation": LD,
    "delete_situation": LD,
    "promises": FIGURES,
    "team": LEADER,
    "evidence": FIGURES,
    "evidence_friday": FIGURES,
    "evidence_report": FIGURES,
    "studies": STUDIES,
    "new_study": STUDIES,
    "example_study": STUDIES,
    "example_file": STUDIES,
    "study": STUDIES,
    "study_progress": STUDIES,
    "study_columns": STUDIES,
    "study_files": STUDIES,
    "delete_study": STUDIES,
    "study_report": STUDIES,
    "study_left_out": STUDIES,
}

LOGGING_IN: dict[str, tuple[int | str, int | str]] = {
    "account_login": (200, "/"),
    "account_logout": ("/account/login/", 200),
    "account_inactive": (200, 200),
    "account_signup": (200, "/"),
    "account_reauthenticate": ("/account/login/", 403),
    "account_email": (404, 404),
    "account_email_verification_sent": (404, 404),
    "account_change_password": ("/account/login/", "/account/password/set/"),
    "account_set_password": ("/account/login/", 200),
    "account_reset_password": (200, 200),
    "account_confirm_login_code": ("/account/login/code/", "/"),
    "account_confirm_email": (404, 404),
    "account_reset_password_from_key_done": (200, 200),
    "account_reset_password_from_key": (200, 200),
    "account_reset_password_done": (200, 200),
    "account_request_login_code": (200, "/"),
    "mfa_index": ("/account/login/", 200),
    "mfa_authenticate": ("/account/login/", "/"),
    "mfa_reauthenticate": ("/account/login/", 403),
    "mfa_activate_totp": ("/account/login/", 200),
    "mfa_deactivate_totp": ("/account/login/", 404),
    "mfa_view_recovery_codes": ("/account/login/", 404),
    "mfa_generate_recovery_codes": ("/account/login/", 200),
    "mfa_download_recovery_codes": ("/account/login/", 404),
}
"""The addresses of logging in: what they answer to who is not logged in, and to who is (a status, or where to). They
are about oneself, and none has an object in it that somebody else could be."""
DEMONSTRATION = frozenset(
    {"inbox", "mailbox", "kept_mail", "kept_mail_html", "demo"}
    | {"demonstration", "become_persona", "turning_clock", "turn_clock"}
)
BY_LINK = frozenset({"card", "pause", "card_moment", "card_calendar", "card_revoke"})
"""Opened by a signed link, which is a right in itself; no number in an address opens them."""
WORDS = {
    "name": "goal",
    "step": "talk-before",
    "actor": "manager",
    "rule": "no-buddy",
    "form": "xlsx",
    "paper": "dpia",
    "kind": "participants",
    "file": "training",
}


@dataclass(frozen=True, kw_only=True)
class Route:
    """An address of the house: its name and what stands in it."""

    name: str
    parts: tuple[str, ...]
    exempt: bool

    def address(self, world: World, **other: Any) -> str:
        return reverse(self.name, kwargs={part: world.values(self.name)[part] for part in self.parts} | other)

    @property
    def objects(self) -> tuple[str, ...]:
        return tuple(part for part in self.parts if part not in WORDS)


def walk(resolver: URLResolver) -> Iterator[Route]:
    for each in resolver.url_patterns:
        if isinstance(each, URLResolver):
            yield from walk(each)
        elif isinstance(each, URLPattern):
            parts = tuple(each.pattern.regex.groupindex)
            yield Route(name=each.name or "", parts=parts, exempt=getattr(each.callback, "csrf_exempt", False))


def routes() -> list[Route]:
    """Those in the table."""
    found = [route for route in walk(get_resolver()) if route.name in OPENS]
    inherited = {
        part for resolver in get_resolver().url_patterns for part in getattr(resolver.pattern, "converters", {})
    }
    assert inherited - {"token"} == set()  # nothing stands in the address before an `include`
    return found
