"""A few rows of everything, kept as a backup of the version that made them: `python -m tests.backup.earlier`.

Made once for each version that is released, and never again: later versions must be able to put it back.
"""

import os
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "data/earlier"
KEY = "AGE-SECRET-KEY-1F2LKS3LZUE04YGFPQH86HNDQXMGS836YG5AF989GLZDD0A2SX8SSHP549Z"  # pragma: allowlist secret
PSEUDONYMS = "the pseudonym key of a made-up installation"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "BORGING_DATA_DIR": folder,
            "BORGING_PSEUDONYM_KEY": PSEUDONYMS,
            "DJANGO_SETTINGS_MODULE": "borging.web.settings",
        }
        import django

        django.setup()
        fill()
        keep()


def fill() -> None:
    from datetime import timedelta

    from django.test import Client
    from django.urls import reverse
    from django.utils import timezone

    from borging import tick, upgrade
    from borging.cards import links
    from borging.cards.models import Card
    from borging.people import writes
    from borging.people.models import Account
    from tests import dying, reading
    from tests.journey import TRAINING_DAY

    upgrade.migrate()
    dying.plan("baseline-learner", people=3)
    Card.objects.update(status="open", next_at=None, closes_at=timezone.now() + timedelta(days=30))
    for card in Card.objects.all():
        reading.answer(reverse("card", args=[links.token(card)]), client=Client(HTTP_HOST="localhost"))
    tick.study_example(Account.objects.get())
    writes.add_leave(person=Card.objects.all()[0].person, start=TRAINING_DAY, end=None)


def keep() -> None:
    import borging
    from borging import clock
    from borging.backup import archive, jobs

    path = FOLDER / f"{borging.__version__}.age"
    made = jobs.make(path, keys=[archive.public(KEY)], now=clock.now())
    sys.stdout.write(
        f"{path}: {made.manifest.rows} rows, {len(made.manifest.files)} files, {path.stat().st_size:,} bytes\n"
    )


if __name__ == "__main__":
    main()
