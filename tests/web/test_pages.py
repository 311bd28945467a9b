"""What holds for every page: headers, nothing inline, both languages, nothing changed by looking."""

import hashlib
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from borging import tick
from borging.effects import writes
from borging.effects.models import Study
from borging.people.models import Account
from tests.people import sheets
from tests.web import makers

pytestmark = pytest.mark.django_db
ANONYMOUS = (
    "/account/login/",
    "/account/login/code/",
    "/account/signup/",
    "/account/password/reset/",
    "/account/password/reset/done/",
    "/account/password/reset/key/x-set-password/",
    "/account/password/reset/key/done/",
    "/account/inactive/",
    "/nowhere",
)
OWN = ("/studies/", "/studies/new", "/account/2fa/", "/account/password/change/", "/account/logout/")


class Inline(HTMLParser):
    """Everything in a page that its policy would stop."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name for name, _value in attrs}
        if tag == "style" or (tag == "script" and "src" not in names):
            self.found.append(tag)
        self.found += [f"{tag} {name}" for name in names if name == "style" or name.startswith(("on", "hx-on"))]
        self.found += [f"{tag} {value}" for _name, value in attrs if (value or "").lower().startswith("javascript:")]


def inline(html: str) -> list[str]:
    parser = Inline()
    parser.feed(html)
    return parser.found


@pytest.fixture
def account() -> Account:
    return makers.account(password=makers.PASSWORD)


def every_page(account: Account) -> Iterator[str]:
    """One address for each page of the house, in each state of a study."""
    yield from OWN
    yield from (f"/studies/{study.pk}/" for study in makers.study_in_each_state(account).values())
    yield f"/studies/{makers.finished(account).pk}/delete"
    yield f"/studies/{makers.busy(account).pk}/progress"
    yield from sheets.every_page(account)


def test_no_page_holds_a_style_or_a_script_and_each_says_so_in_its_policy(account: Account) -> None:
    for client, addresses in ((Client(), ANONYMOUS), (makers.client_of(account), tuple(every_page(account)))):
        for address in addresses:
            answer = client.get(address)
            assert answer.status_code in (200, 404), address
            assert inline(answer.content.decode()) == [], address
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert answer.headers["Cache-Control"]


def test_each_page_has_one_heading_one_main_button_at_most_and_is_light(account: Account) -> None:
    client = makers.client_of(account)
    for address in every_page(account):
        html = client.get(address).content.decode()
        if "<html" not in html:
            continue
        assert len(re.findall(r"<h1", html)) == 1, address
        assert html.count('data-variant="primary"') <= 1, address
        assert len(html) < 100_000, address


def test_a_report_weighs_little_with_everything_it_needs(account: Account) -> None:
    client = makers.client_of(account)
    address = f"/studies/{makers.finished(account).pk}/"
    needed = re.findall(r'(?:href|src)="(/static/[^"]+)"', client.get(address).content.decode())
    assert len(needed) >= 4
    weight = 0
    for part in (address, *needed):
        answer = client.get(part, headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200, part
        weight += len(answer.getvalue())
    assert weight < 60_000


def test_looking_changes_nothing(account: Account, tmp_path: Path) -> None:
    def state() -> str:
        target = tmp_path / "dump.json"
        call_command("dumpdata", "effects", "people", output=str(target), verbosity=0)
        return hashlib.sha256(target.read_bytes()).hexdigest()

    client = makers.client_of(account)
    addresses = [*every_page(account), "/language", "/studies/example"]
    study = Study.objects.earliest("created_at")
    addresses += [f"/studies/{study.pk}/{end}" for end in ("columns", "files", "delete", "report.pdf", "left-out.csv")]
    before = state()
    for address in addresses:
        client.get(address).getvalue()
        client.head(address)
    assert state() == before


def test_a_page_is_in_the_language_that_was_chosen_and_stays_so_for_the_account(account: Account) -> None:
    client = makers.client_of(account, language="nl")
    assert 'lang="nl"' in (html := client.get("/studies/").content.decode())
    assert "Effectmetingen" in html
    answer = client.post("/language", {"language": "en", "next": "/studies/new"})
    assert answer.headers["Location"] == "/studies/new"
    account.refresh_from_db()
    assert account.language == "en"
    assert "New study" in client.get("/studies/new").content.decode()


def test_without_a_choice_the_account_decides_and_then_the_browser(account: Account) -> None:
    client = makers.client_of(account)
    del client.cookies["django_language"]
    assert 'lang="en"' in client.get("/studies/", headers={"Accept-Language": "en"}).content.decode()
    Account.objects.update(language="nl")
    assert 'lang="nl"' in client.get("/studies/", headers={"Accept-Language": "en"}).content.decode()


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_a_language_switch_leads_nowhere_else(target: str) -> None:
    answer = Client().post("/language", {"language": "en", "next": target})
    assert "evil" not in answer.headers["Location"]
    assert "javascript" not in answer.headers["Location"]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_page_that_is_not_there_has_a_way_on(language: str) -> None:
    client = Client(headers={"Accept-Language": language})
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert {"nl": "Hier is niets", "en": "There is nothing here"}[language] in answer.content.decode()


@pytest.mark.parametrize("language", ["nl", "en"])
def test_an_error_of_ours_shows_a_number_and_no_trace(
    language: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_args: object, **_named: object) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr("borging.effects.reads.listed_studies", broken)
    client = makers.client_of(makers.account(), language=language)
    client.raise_request_exception = False
    answer = client.get("/studies/")
    html = answer.content.decode()
    assert answer.status_code == 500
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert {"nl": "Hier ging iets mis", "en": "Something went wrong here"}[language] in html
    assert "secret inside" not in html
    number = re.search(r'<b class="num">([0-9a-f]{8})</b>', html)
    assert number
    assert f"error {number[1]} on GET" in caplog.text


@pytest.mark.parametrize(
    "address", ["/language", "/studies/new", "/studies/example", "/account/login/", "/account/logout/"]
)
def test_a_form_without_its_token_is_refused_with_a_page_that_explains(address: str, account: Account) -> None:
    client = Client(enforce_csrf_checks=True, headers={"Accept-Language": "en"})
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post(address, {})
    assert answer.status_code == 403
    assert "This form is no longer valid" in answer.content.decode()
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_an_upload_that_is_too_large_is_refused_before_it_is_read(account: Account, settings: Settings) -> None:
    settings.UPLOAD_MAX_BYTES = 1024
    answer = makers.client_of(account).post("/studies/new", {"participants": makers.csv_file("x.csv", "x" * 2048)})
    assert answer.status_code == 413
    assert "too large" in answer.content.decode()
    assert not Study.objects.exists()


def test_a_study_of_another_organisation_is_not_there_for_any_method(account: Account) -> None:
    study = makers.finished(makers.account("b@example.org", organisation="De Dijk"))
    Study.objects.update(title="canary-7Q")
    client = makers.client_of(account)
    assert "canary-7Q" not in client.get("/studies/").content.decode()
    ends = ("", "progress", "columns", "files", "delete", "left-out.csv", "report.pdf", "report.xlsx", "report.html")
    for end in ends:
        for method in (client.get, client.post):
            answer = method(f"/studies/{study.pk}/{end}")
            assert answer.status_code in (404, 405), end
            assert b"canary-7Q" not in answer.content
    assert Study.objects.filter(pk=study.pk).exists()


def test_a_visitor_sees_no_study_and_comes_back_after_logging_in() -> None:
    study = makers.finished(makers.account())
    for address in ("/studies/", "/studies/new", f"/studies/{study.pk}/", f"/studies/{study.pk}/report.pdf"):
        assert Client().get(address).headers["Location"] == f"/account/login/?next={address}"


def test_a_report_of_a_kind_we_do_not_make_is_not_there(account: Account) -> None:
    study = makers.finished(account)
    assert makers.client_of(account).get(f"/studies/{study.pk}/report.exe").status_code == 404


def test_names_of_files_and_studies_are_text_and_never_markup(account: Account) -> None:
    evil = "<img src=x onerror=alert(1)>"
    study = writes.receive(
        owner=account,
        title=evil,
        options={"assignment": "choice"},
        participants=makers.csv_file(f"{evil}.csv", makers.people()),
        outcomes=makers.csv_file("b.csv", makers.months().replace("jan 2025", "jan 2025<script>")),
        now=timezone.now(),
    )
    client = makers.client_of(account)
    waiting = client.get(f"/studies/{study.pk}/").content.decode()
    tick.sweep()
    for html in (
        waiting,
        client.get(f"/studies/{study.pk}/").content.decode(),
        client.get("/studies/").content.decode(),
    ):
        assert "<img" not in html
        assert inline(html) == []


def test_a_finished_study_goes_back_to_its_columns_as_they_were_settled() -> None:
    account = makers.account()
    study = makers.finished(account)
    client = makers.client_of(account)
    assert "Change the columns" in client.get(f"/studies/{study.pk}/").content.decode()
    html = client.get(f"/studies/{study.pk}/columns").content.decode()
    assert "Keep the report as it is" in html
    assert "Still to settle" not in html
    assert study.columns
    settled = study.columns["participants"]["start"]
    assert f'<option value="{settled}" selected>' in html
