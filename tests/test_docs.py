"""What the pages for whoever installs Borging name exists, and what exists is named."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from typer.main import get_command

from borging.cli import app

ROOT = Path(__file__).parent.parent
NAME = re.compile(r"\b(BORGING_[A-Z_]+|DATABASE_URL|EMAIL_URL)\b")
LISTED = ROOT / "docs/reference/settings.md"
PAGES = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md"]


def in_code() -> set[str]:
    text = "".join(path.read_text() for path in (ROOT / "src").rglob("*.py"))
    keys = re.findall(r'= _key\("(\w+)"\)', text)
    return set(re.findall(r'"(BORGING_[A-Z_]+|DATABASE_URL|EMAIL_URL)"', text)) | {
        f"BORGING_{k.upper()}_KEY" for k in keys
    }


def test_every_setting_stands_in_the_list_and_nothing_else_does() -> None:
    assert set(NAME.findall(LISTED.read_text())) == in_code()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_no_page_names_a_setting_or_a_command_that_is_not_there(page: Path) -> None:
    text = page.read_text()
    testing = {"BORGING_TEST_DATABASE_URL"}  # of tools.postgres
    assert set(NAME.findall(text)) - testing <= in_code()
    commands = get_command(app).commands  # type: ignore[attr-defined]
    for name, rest in re.findall(r"(?:`|bin/|-- |^)borging ([a-z]+)\b([^`\n|]*)", text, re.MULTILINE):
        assert name in commands, f"borging {name}"
        known = {option for parameter in commands[name].params for option in parameter.opts + parameter.secondary_opts}
        assert set(re.findall(r"(?<=\s)--[a-z-]+", rest)) <= known | {"--help"}, f"borging {name}{rest}"


def test_the_web_server_of_the_page_asks_what_is_there_and_lets_through_what_may_be_uploaded() -> None:
    page = (ROOT / "docs/how-to/run-in-production.md").read_text()
    masked = re.findall(r"^    ~(\^\S+) ", page, re.MULTILINE)
    keyed = (reverse("card", args=["key"]), reverse("pause", args=["key"]))
    reset = reverse("account_reset_password_from_key", kwargs={"uidb36": "1", "key": "key"})
    assert all(any(re.match(mask.replace("?<", "?P<"), address) for mask in masked) for address in (*keyed, reset))
    assert set(re.findall(r"(?:client_max_body_size |max_size )(\d+)", page)) == {
        str(settings.UPLOAD_MAX_BYTES // 1024**2)
    }
    assert set(re.findall(r"/health/\w+", page)) == {"/health/alive", "/health/ready"}
