"""The Dutch of every English sentence: collect what needs translating, check that nothing is missing, compile.

English is written in the code and the templates; Dutch stands in one .po file per room. Collecting reads Python with
Babel and templates with Django's own parser, so no gettext needs to be installed.
"""

import os
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).resolve().parent.parent / "src/borging"
ROOMS = ("web", "privacy", "measure", "transfer", "effects", "figures", "connectors", "cards", "programmes", "people")
KEYWORDS: dict[str, Any] = {
    "gettext": None,
    "gettext_lazy": None,
    "_": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
Message = tuple[str | None, str | tuple[str, ...]]  # context, id or (singular, plural)


def locale_of(source: Path) -> Path:
    """The .po file that holds a source file's Dutch: its room's, or the package's for cli.py and tick.py."""
    room = source.relative_to(PACKAGE).parts[0]
    base = PACKAGE / room if room in ROOMS else PACKAGE
    return base / "locale/nl/LC_MESSAGES/django.po"


def python_messages(source: Path) -> list[Message]:
    found: list[Message] = []
    for _line, ids, _comments, context in extract_from_file("python", source, keywords=KEYWORDS):
        found.append((context, tuple(ids) if isinstance(ids, (tuple, list)) else ids))
    return found


def template_messages(source: Path) -> list[Message]:
    from django.template import Engine
    from django.template.base import Node, VariableNode
    from django.templatetags.i18n import BlockTranslateNode, TranslateNode

    found: list[Message] = []
    nodes = Engine.get_default().from_string(source.read_text()).nodelist.get_nodes_by_type(Node)
    for node in nodes:
        if isinstance(node, TranslateNode):
            found.append((None, str(node.filter_expression.var.literal).replace("%", "%%")))  # as Django looks it up
        elif isinstance(node, BlockTranslateNode):
            singular = node.render_token_list(node.singular)[0]
            plural = node.render_token_list(node.plural)[0] if node.plural else ""
            if node.trimmed:
                from django.utils.translation import trim_whitespace

                singular, plural = trim_whitespace(singular), trim_whitespace(plural)
            found.append((None, (singular, plural) if plural else singular))
        elif isinstance(node, VariableNode):
            marked = str(node.filter_expression).split("_(")[1:]
            found.extend((None, text[1:].split(text[0])[0]) for text in marked)
    return found


def wanted() -> dict[Path, dict[Message, set[str]]]:
    """Every message in the code, by .po file, with the files it stands in."""
    messages: dict[Path, dict[Message, set[str]]] = defaultdict(lambda: defaultdict(set))
    for source in sorted(PACKAGE.rglob("*")):
        if source.suffix == ".py" and "migrations" not in source.parts:
            found = python_messages(source)
        elif source.suffix in {".html", ".txt"} and "templates" in source.parts:
            found = template_messages(source)
        else:
            continue
        for message in found:
            messages[locale_of(source)][message].add(str(source.relative_to(PACKAGE)))
    return messages


def read(path: Path) -> Catalog:
    if not path.exists():
        return Catalog(locale="nl", project="borging", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale="nl")


def collect(rooms: list[str]) -> int:
    """Bring every .po (of these rooms) in line with the code: new messages empty, gone ones away, Dutch kept."""
    for path, messages in wanted().items():
        if rooms and path.relative_to(PACKAGE).parts[0] not in rooms:
            continue
        old, new = read(path), Catalog(locale="nl", project="borging", fuzzy=False)
        for (context, ids), files in sorted(messages.items(), key=lambda item: str(item[0])):
            single = ids if isinstance(ids, str) else ids[0]
            kept = old.get(single, context)
            new.add(ids, kept.string if kept else "", context=context, locations=[(f, None) for f in sorted(files)])
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, new, width=120, omit_header=True, include_lineno=False)
    return 0


def check() -> int:
    """Name every sentence without Dutch, and every Dutch sentence whose placeholders differ; 1 when there are any."""
    faults: list[str] = []
    for path, messages in wanted().items():
        catalog = read(path)
        for context, ids in messages:
            single = ids if isinstance(ids, str) else ids[0]
            entry = catalog.get(single, context)
            strings = [] if entry is None else [entry.string] if isinstance(entry.string, str) else list(entry.string)
            if not strings or not all(strings) or (entry is not None and entry.fuzzy):
                faults.append(f"{path.relative_to(PACKAGE)}: no Dutch for: {single}")
            elif entry is not None:
                faults += [f"{path.relative_to(PACKAGE)}: {error}: {single}" for error in entry.check(catalog)]
    for fault in faults:
        print(fault)
    total = sum(len(messages) for messages in wanted().values())
    print(f"{total} sentences, {len(faults)} to mend.")
    return 1 if faults else 0


def compile_all() -> int:
    for path in PACKAGE.rglob("*.po"):
        with path.with_suffix(".mo").open("wb") as file:
            write_mo(file, read(path))
    return 0


def main(verb: str, rooms: list[str]) -> int:
    if verb == "compile":
        return compile_all()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "borging.web.settings")
    import django

    django.setup()
    return collect(rooms) if verb == "collect" else check()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
