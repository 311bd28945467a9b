"""Looking at pages in a real browser: one that is accessible, fits, and keeps to its own policy."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from borging.people.models import Account
from tests.web import makers

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
needs_browser = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; on Debian and Ubuntu: apt-get install chromium"),
    pytest.mark.skipif(not AXE.exists(), reason="no axe-core here; `make` fetches it with npm"),
]


@pytest.fixture(scope="module")
def browser(django_db_setup: None) -> Iterator[Browser]:
    """One browser for all; its loop runs in this thread, beside Django's ordinary calls."""
    with pytest.MonkeyPatch.context() as environment, sync_playwright() as playwright:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])


def context_for(
    browser: Browser,
    server: LiveServer,
    *,
    account: Account | None = None,
    language: str = "en",
    width: int = 1280,
    script: bool = True,
    touch: bool = False,
) -> BrowserContext:
    context = browser.new_context(
        base_url=server.url,
        viewport={"width": width, "height": 800},
        java_script_enabled=script,
        has_touch=touch,
        reduced_motion="reduce",  # colours that are still changing have no contrast to measure
    )
    cookies = {"django_language": language}
    if account:
        cookies["sessionid"] = makers.client_of(account).cookies["sessionid"].value
    context.add_cookies([{"name": name, "value": value, "url": server.url} for name, value in cookies.items()])
    return context


def watched(context: BrowserContext) -> tuple[Page, list[str]]:
    """A page, and what its console complains about."""
    page, complaints = context.new_page(), []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" and "status of 404" not in message.text:
            complaints.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return page, complaints


def faults(page: Page) -> list[str]:
    """What axe finds wrong. It is put in beside the page's policy, by the developer tools."""
    tools = page.context.new_cdp_session(page)
    if page.evaluate("!window.axe"):
        tools.send("Runtime.evaluate", {"expression": AXE.read_text()})
    run = f"axe.run(document, {{runOnly: {json.dumps(RULES)}, resultTypes: ['violations']}})"
    told = f"{run}.then(found => JSON.stringify(found.violations))"
    found = tools.send("Runtime.evaluate", {"expression": told, "awaitPromise": True})
    tools.detach()
    violations = json.loads(found["result"]["value"])
    return [f"{fault['id']}: {node['html'][:120]}" for fault in violations for node in fault["nodes"]]


def assert_fine(page: Page, address: str) -> None:
    page.goto(address)
    assert_shown_fine(page, address)


def assert_shown_fine(page: Page, address: str) -> None:
    """Fits in both widths; axe looks once a language: at English wide and light, at Dutch narrow and dark."""
    dutch = page.evaluate("document.documentElement.lang") == "nl"
    page.emulate_media(color_scheme="dark" if dutch else "light")
    for width in (1280, 320) if dutch else (320, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        assert page.evaluate(SMALL_TARGETS) == [], (address, width)
    assert faults(page) == [], address


SMALL_TARGETS = """() => [...document.querySelectorAll(
    'button, summary, select, input:not([type=hidden]), nav a, .ds-button')]
  .map(target => target.closest('label') || target)
  .filter(target => target.checkVisibility() && target.getBoundingClientRect().height < 43.5)
  .map(target => target.outerHTML.slice(0, 100))"""
