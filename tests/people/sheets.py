"""Every page of people in each of its states, for who looks at all of them."""

from datetime import timedelta

from django.utils import timezone

from borging.people import writes
from borging.people.models import Account, Person
from tests.people.makers import bring_in, stage, upload
from tests.web import makers

HEADER = "Personeelsnummer;Naam;E-mail;Afdeling;Leidinggevende;Werkdagen;Verzuim"
FIRST = (
    "1;Anna Bos;anna@example.org;Zorg;;;",
    "2;Bram van den Dijkgraaf-Oosterwijk;bram@example.org;Zorg / Thuiszorg Oost;1;ma t/m do;",
    "3;Cora Eik;;Zorg / Thuiszorg Oost;2;;",
    "4;Dirk Fles;dirk@example.org;Zorg;1;;",
)
LATER = (
    "1;Anna Bos;anna at example;Zorg;;;",
    "2;Bram van den Dijkgraaf;bram@example.org;Bedrijfsbureau;1;ma t/m do;",
    "3;Cora Eik;;Zorg / Thuiszorg Oost;Somebody Else;5;",
    "5;Els Geer;els@example.org;Zorg / Thuiszorg West;2;;",
)


def every_page(account: Account) -> tuple[str, ...]:
    """One address for each page, in each state of an import."""
    client = makers.client_of(account)
    applied = bring_in(client, "\n".join([HEADER, *FIRST]), day=str(timezone.localdate() - timedelta(days=40)))
    undone = bring_in(client, "\n".join([HEADER, *FIRST, "6;Fred Heg;;;;;"]))
    client.post(f"{undone}undo")
    received = upload(client, "\n".join([HEADER, *LATER]))
    staged = stage(client, "\n".join([HEADER, *LATER]))
    bram = Person.objects.get(number="2")
    writes.add_leave(person=bram, start=timezone.localdate(), end=timezone.localdate() + timedelta(days=9))
    writes.account_for(person=bram)
    cora = Person.objects.get(number="3")
    return (
        "/people/",
        "/people/?q=nobody",
        "/people/?left=on",
        "/people/import",
        "/people/roles",
        f"/people/{bram.pk}/",
        f"/people/{cora.pk}/",
        received,
        staged,
        f"{staged}?show=left_out",
        f"{staged}?show=new",
        applied,
        undone,
    )
