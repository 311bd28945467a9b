"""Pictures of every page of the demonstration, as each role sees it: `python -m tools.pictures OUT`.

Each page is walked to by its links, and drawn in Dutch and English, light and dark, wide and narrow; what goes on paper
or into a file comes along. A sheet a page puts them side by side.
BORGING_DATA_DIR keeps the demonstration for a next run.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

WIDTHS = (1280, 320)
LANGUAGES = ("nl", "en")
SCHEMES = ("light", "dark")
SHOWN = (("nl", "light", 1280), ("nl", "dark", 320), ("en", "light", 320))
"""What stands side by side on a sheet."""
TALLEST = 2600
"""Pixels after which a page is cut off on its sheet; its own picture is whole."""
FILES = (".pdf", ".pptx", ".xlsx", ".csv", ".html", ".zip", ".ics")
Size = tuple[int, int]


@contextmanager
def demonstration(data: Path) -> Iterator[str]:
    """The address that logs in to a demonstration of its own, which ends afterwards."""
    environment = os.environ | {"BORGING_DATA_DIR": str(data)}
    command = [str(Path(sys.executable).with_name("borging")), "demo", "--port", "8790"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        for line in process.stdout:
            if found := re.search(r"http\S+/demo/\S+", line):
                yield found[0]
                return
        raise SystemExit("the demonstration did not start")
    finally:
        process.terminate()
        process.wait(timeout=60)


def personas(page: Page) -> dict[str, str]:
    """Who one can be: the first words of what they are, and where the button leads that makes one them (own: "")."""
    page.goto("/demo/")
    found = {}
    for row in page.locator("li:has(h3)").all():
        words = row.locator("p").inner_text().split()[:2]
        form = row.locator("form")
        found[re.sub(r"\W", "", "".join(words)).lower()] = (form.get_attribute("action") or "") if form.count() else ""
    return found


def become(page: Page, action: str) -> None:
    page.goto("/demo/")
    if action:
        page.locator(f"form[action='{action}'] button").click()


def kind_of(address: str) -> str:
    """Addresses that differ only in a number or a token show the same page."""
    path = urlsplit(address).path
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|[A-Za-z0-9_:.-]{24,}|\d+", "x", path)


def walk(page: Page) -> list[str]:
    """One address of each kind that can be reached by links from the start, in the order of reaching."""
    seen, waiting, found = {"/"}, ["/"], []
    while waiting:
        path = waiting.pop(0)
        if path.endswith(FILES) or "/export" in path or "/draft/" in path:
            continue
        page.goto(path)
        found.append(path)
        for link in page.locator("a[href]").evaluate_all("links => links.map(link => link.href)"):
            address = urldefrag(urljoin(page.url, link)).url
            if urlsplit(address).netloc == urlsplit(page.url).netloc and kind_of(address) not in seen:
                seen.add(kind_of(address))
                waiting.append(urlsplit(address).path)
    return found


def drawn(
    context: BrowserContext, paths: Sequence[str], *, folder: Path, size: Size, scheme: str, language: str
) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    context.add_cookies([{"name": "django_language", "value": language, "domain": "localhost", "path": "/"}])
    for place, path in enumerate(paths):
        page.goto(path)
        page.screenshot(path=folder / f"{place:02}-{language}-{scheme}-{size[0]}.png", full_page=True)
    page.close()


def sheet(folder: Path, paths: Sequence[str], *, out: Path) -> None:
    """The pictures of some pages beside each other, each as high as it is, cut off where it is very long."""
    for place in range(len(paths)):
        pictures = [
            Image.open(folder / f"{place:02}-{language}-{scheme}-{width}.png") for language, scheme, width in SHOWN
        ]
        high = min(max(picture.height for picture in pictures), TALLEST)
        made = Image.new("RGB", (sum(picture.width + 20 for picture in pictures), high), "#888")
        left = 0
        for picture in pictures:
            made.paste(picture.crop((0, 0, picture.width, min(picture.height, high))), (left, 0))
            left += picture.width + 20
        made.save(out / f"{folder.name}-{place:02}{kind_of(paths[place]).replace('/', '_')}.png")


def on_paper(browser: Browser, context: BrowserContext, paths: Sequence[str], *, out: Path) -> None:
    """Pages of figures as they are printed, and every file that can be taken along, its slides as pages."""
    page = context.new_page()
    for path in paths:
        if "evidence" not in path and "privacy" not in path:
            continue
        page.goto(path)
        name = kind_of(path).strip("/").replace("/", "_")
        page.pdf(path=out / f"{name}-printed.pdf", prefer_css_page_size=True)
        for link in page.locator("a[href]").evaluate_all("links => links.map(link => link.href)"):
            if link.endswith(FILES):
                answer = context.request.get(link)
                (out / f"{name}-{link.rsplit('/', 1)[1]}").write_bytes(answer.body())
            elif "/draft/" in link:
                page.set_content(context.request.get(link).text())
                page.pdf(path=out / f"draft-{link.rsplit('/', 1)[1]}.pdf", prefer_css_page_size=True)
    page.close()
    for file in (*out.glob("*.pptx"), *out.glob("*.xlsx")):
        made = out / file.suffix[1:]
        subprocess.run(["soffice", "--headless", "--convert-to", "pdf", "--outdir", made, file], check=True)
    for file in out.rglob("*.pdf"):
        subprocess.run(["pdftoppm", "-r", "50", "-l", "8", "-png", file, file.with_suffix("")], check=True)


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("out", type=Path)
    given.add_argument("--only", default="", help="the roles whose name holds this")
    given.add_argument("--under", default="", help="the pages whose address holds this")
    given.add_argument("--sheets", action="store_true", help="draw only what the sheets show")
    asked = given.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as fresh, sync_playwright() as playwright:
        data = Path(os.environ.get("BORGING_DATA_DIR", fresh))
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        with demonstration(data) as door:
            base = door.partition("/demo/")[0]
            context = browser.new_context(base_url=base)
            page = context.new_page()
            page.goto(door)
            for name, action in personas(page).items():
                if asked.only not in name:
                    continue
                become(page, action)
                paths = [path for path in walk(page) if asked.under in path]
                folder = asked.out / name
                folder.mkdir(exist_ok=True)
                for language, scheme, width in SHOWN if asked.sheets else product(LANGUAGES, SCHEMES, WIDTHS):
                    size = (width, 800)
                    drawn(context, paths, folder=folder, size=size, scheme=scheme, language=language)
                sheet(folder, paths, out=asked.out)
                on_paper(browser, context, paths, out=folder)
                print(f"{name}: {len(paths)} pages", flush=True)


if __name__ == "__main__":
    main()
