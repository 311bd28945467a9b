"""What happens by itself: where rooms meet in time. One worker process runs what is queued here.

The rows of studies, cards and contacts are the truth about work: this queue only says that there is some, so losing it
loses nothing.
"""

import json
import logging
import secrets
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connections
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string
from huey import SqliteHuey, crontab
from huey.consumer import Consumer
from huey.serializer import SignedSerializer

from borging import clock
from borging.cards import channels, links
from borging.cards import jobs as cards
from borging.cards import writes as card_writes
from borging.cards.jobs import BrokenError, RefusedError
from borging.cards.models import Contact
from borging.cards.rules import Invitation, Mail, MailCard
from borging.connectors import calendar, files
from borging.connectors.files.rules import read_columns
from borging.effects import jobs, reads, records, writes
from borging.effects.models import Status, Study
from borging.evidence import writes as evidence
from borging.measure import jobs as measure
from borging.measure import reads as measure_reads
from borging.people import reads as people
from borging.people.models import Account
from borging.people.writes import close_accounts_of_leavers
from borging.privacy import looks, retention, tombstones
from borging.programmes.models import Programme
from borging.transfer import calendars, content
from borging.transfer import jobs as transfer
from borging.web import limits
from borging.web.channels import jobs as channel_jobs
from borging.web.privacy import offers
from borging.web.programmes import rehearsal
from borging.web.server import die_with_parent
from borging.web.studies.pages import example_title

logger = logging.getLogger(__name__)

BEAT = writes.LEASE.total_seconds() / 4
"""Seconds between signs of life of a worker."""
NAMELESS = timedelta(days=60)
"""How far back what was said without a name is laid in another order each night."""
CONVERTED = 0.4
"""Share of the work that is done when the tables are written."""


def _queue() -> SqliteHuey:
    Path(settings.DATA_DIR).mkdir(parents=True, exist_ok=True)
    return SqliteHuey(
        "borging",
        filename=str(Path(settings.DATA_DIR) / "queue.sqlite3"),
        serializer=SignedSerializer(secret=settings.SECRET_KEY),
        results=False,
        utc=True,
    )


queue = _queue()


def enqueue(study_id: uuid.UUID, *, delay: float | None = None) -> None:
    """Say that a study has work. Saying it twice does no harm: only one worker gets the claim."""
    if delay:
        _run_step.schedule((str(study_id),), delay=delay)
    else:
        _run_step(str(study_id))


def run_step(study_id: str) -> None:
    """Do the next step of a study, if it is still to be done."""
    with _own_connection():
        claim = writes.claim(study_id=uuid.UUID(study_id), now=timezone.now())
        if claim is None:
            return
        study = Study.objects.get(pk=claim.study_id)
        try:
            with _signs_of_life(claim):
                STEPS[claim.status](study, claim)
        except writes.LostClaimError:
            logger.info("another worker has study %s", study_id)
        except files.UnusableFileError as error:
            writes.refuse(claim=claim, problem=records.to_json(error.problem), now=timezone.now())
        except Exception:
            _try_again(claim)


def _try_again(claim: writes.Claim) -> None:
    error_id = secrets.token_hex(4)
    logger.exception("error %s in study %s, attempt %s", error_id, claim.study_id, claim.attempt)
    now = timezone.now()
    due_at = writes.fail(claim=claim, problem={"code": "failed", "params": {"error_id": error_id}}, now=now)
    if due_at:
        enqueue(claim.study_id, delay=(due_at - now).total_seconds())


def sweep() -> None:
    """Each minute: take up work that was lost, and stop what was lost too often."""
    with _own_connection():
        now = timezone.now()
        error_id = secrets.token_hex(4)
        if stopped := writes.give_up_lost(problem={"code": "failed", "params": {"error_id": error_id}}, now=now):
            logger.error("error %s: %s studies were lost %s times and stopped", error_id, stopped, reads.MOST_ATTEMPTS)
        announced = {task.args[0] for task in queue.pending() if task.args}
        for study_id in reads.due_studies(now=now):
            if str(study_id) not in announced:
                enqueue(study_id)


def minute(now: datetime | None = None) -> None:
    """Each minute: gather due cards into mails and send them, no faster than the mail server is meant to take them.

    What could not be sent yet is counted, so that nothing piles up while the mail server is away.
    """
    with _own_connection():
        now = now or clock.now()
        most = settings.MAILS_PER_MINUTE
        cards.gather(now=now, most=max(0, most - cards.backlog(now=now)))
        cards.deliver(now=now, send=lambda contacts: post(contacts, now=now), most=most)


def say_in_channels(now: datetime | None = None) -> None:
    """Each minute: tell channels in Teams and Slack what is there; apart, so that a slow service holds up no mail."""
    with _own_connection():
        now = now or clock.now()
        channel_jobs.announce(now=now)
        channel_jobs.post_due(now=now)


def post(contacts: Iterable[Contact], *, now: datetime) -> Iterator[RefusedError | BrokenError | None]:
    """Write contacts as mails and hand them to the mail server, in this order."""
    domain = urlsplit(settings.BASE_URL).hostname or "localhost"
    mails = (_mail_or_refusal(contact, now=now) for contact in contacts)
    return channels.post(mails, sender=settings.DEFAULT_FROM_EMAIL, domain=domain, now=now)


def _mail_or_refusal(contact: Contact, *, now: datetime) -> Mail | RefusedError:
    """One contact that cannot be written must not hold up the others; after five tries it is parked."""
    try:
        return _mail(contact, now=now)
    except Exception:
        logger.exception("error %s: contact %s cannot be written", secrets.token_hex(4), contact.key)
        return RefusedError("cannot be written")


def _mail(contact: Contact, *, now: datetime) -> Mail:
    person = contact.person
    language = people.language_of(person)
    return Mail(
        key=str(contact.key),
        to_name=person.name,
        to_address=people.address(person),
        language=language,
        organisation=person.organisation.name,
        zone=person.time_zone or person.organisation.time_zone,
        cards=tuple(
            MailCard(
                content=content.content_of(part.card, language=language).content,
                url=settings.BASE_URL + reverse("card", args=[links.token(part.card)]),
                closes_at=part.card.closes_at,
                reminder=part.reminder,
            )
            for part in cards.still_asked(contact, now=now)
        ),
        pause_url=settings.BASE_URL + reverse("pause", args=[links.pause_token(person)]),
        invitations=_invitations(contact, now=now),
    )


def _invitations(contact: Contact, *, now: datetime) -> tuple[Invitation, ...]:
    """What changes in a reader's calendar, each with the file their calendar reads."""
    found = []
    for told in calendars.told(contact.person, cards.still_told(contact, now=now)):
        method = "CANCEL" if told.cancelled else "REQUEST"
        file = calendar.written([told.event], method=method, host=settings.DEFAULT_FROM_EMAIL, now=now)
        found.append(
            Invitation(
                title=told.event.title,
                when=told.when,
                file=file,
                changed=told.event.sequence > 0,
                cancelled=told.cancelled,
            )
        )
    return tuple(found)


def night(now: datetime | None = None) -> None:
    """Each night: make the cards that come up, release figures, close accounts of leavers, keep nothing too long."""
    with _own_connection():
        now = now or clock.now()
        plan_ahead(now)
        evidence.shuffle_nameless(since=timezone.localdate(now) - NAMELESS)
        _pair_all(now)
        close_accounts_of_leavers(day=timezone.localdate(now))
        card_writes.revoke_links_of_leavers(day=timezone.localdate(now))
        yesterday = timezone.now() - timedelta(days=1)
        writes.remove_orphans(before=yesterday)
        _keep_terms(now)


def _keep_terms(now: datetime) -> None:
    """Remove what was kept long enough, and see that the log of who looked at whom is as it was written."""
    try:
        retention.enforce(now=now)
    except Exception:
        logger.exception("error %s: not everything that is over its term was removed", secrets.token_hex(4))
    for broken in looks.breaks():
        logger.error("the log of looks of organisation %s was changed at %s", broken.organisation.pk, broken.number)
    tombstones.bring_together()
    Session.objects.filter(expire_date__lt=timezone.now()).delete()
    limits.forget_old(now=timezone.now())


def hour(now: datetime | None = None) -> None:
    """Each hour: tell who is about to leave how to take their own words along, on a day and hour that suits them."""
    with _own_connection():
        offers.send(now=now or clock.now())


def plan_ahead(now: datetime) -> None:
    """Make the cards of moments that come up, for whoever has the role by then, and find times for who are to meet."""
    transfer.look_ahead(now=now)


def _pair_all(now: datetime) -> None:
    """Release what there is to release of each programme; one that goes wrong does not hold up the others."""
    for programme in measure_reads.due_programmes(now):
        try:
            measure.pair(programme=programme, now=now)
        except Exception:
            logger.exception("error %s: programme %s has no figures tonight", secrets.token_hex(4), programme.pk)


def _inspect(study: Study, claim: writes.Claim) -> None:
    writes.show_progress(claim=claim, stage="reading", share=0.1, now=timezone.now())
    participants, outcomes = writes.files_of(study)
    inspection = files.inspect(participants, outcomes, overrides={}, limits=files.Limits.WEB)
    writes.ask_columns(claim=claim, inspection=records.to_json(inspection))


def _analyse(study: Study, claim: writes.Claim) -> None:
    with tempfile.TemporaryDirectory(prefix="borging-") as folder:
        participants, outcomes = writes.files_of(study)
        conversion = files.convert(
            participants,
            outcomes,
            columns=read_columns(study.columns or {}),
            folder=Path(folder),
            limits=files.Limits.WEB,
            on_progress=_progress(claim, stage="checking", start=0.0, length=CONVERTED),
            today=timezone.localdate(),
            unnamed=Path(study.outcomes_name).stem,
        )
        result = jobs.analyse(
            tables=conversion.tables,
            options=records.options_from_json(study.options),
            on_progress=_progress(claim, stage="calculating", start=CONVERTED, length=1 - CONVERTED),
        )
        _list_rejected(conversion.rejected_path, study.rejected_path)
    writes.finish(
        claim=claim,
        result=records.to_json(result),
        left_out=_left_out(conversion),
        rejected=conversion.rejected_total,
        now=timezone.now(),
    )


def _progress(claim: writes.Claim, *, stage: str, start: float, length: float) -> Callable[[float], None]:
    """Show a share of one stage as its share of the whole, at most twice a second; the claim is checked with it."""
    shown_at = 0.0

    def show(share: float) -> None:
        nonlocal shown_at
        if time.monotonic() - shown_at >= 0.5:
            shown_at = time.monotonic()
            writes.show_progress(claim=claim, stage=stage, share=start + length * share, now=timezone.now())

    show(0.0)
    return show


def _left_out(conversion: files.Conversion) -> dict[str, Any]:
    names = ("participants_rows", "participants_kept", "outcomes_rows", "outcomes_kept", "notes", "reasons")
    return {name: records.to_json(getattr(conversion, name)) for name in names}


def _list_rejected(source: Path, target: Path) -> None:
    """From the table of the reader to lines that a page can read without a science library."""
    import pyarrow.parquet as pq

    with target.open("w", encoding="utf-8") as lines:
        for batch in pq.ParquetFile(source).iter_batches():
            for row in batch.to_pylist():
                row["params"] = json.loads(row["params"] or "{}")
                lines.write(json.dumps(row, ensure_ascii=False) + "\n")


def study_example(owner: Account) -> Study:
    """Study the example at once, with the columns as guessed: what the demonstration opens with."""
    made = writes.receive_example(owner=owner, title=example_title(), now=timezone.now())
    run_step(str(made.pk))
    made.refresh_from_db()
    writes.confirm_columns(study=made, columns=(made.inspection or {})["columns"], now=timezone.now())
    run_step(str(made.pk))
    made.refresh_from_db()
    return made


def rehearse(programme_id: int, *, account_id: int, language: str) -> None:
    """Have everything of a programme sent to one account, beside the request that asks for it."""
    _send_rehearsal(programme_id, account_id, language)


def send_rehearsal(programme_id: int, account_id: int, language: str) -> None:
    """Nobody waits for it and it can be asked for again, so it is tried once."""
    with _own_connection():
        programme = Programme.objects.select_related("organisation").get(pk=programme_id)
        viewer = Account.objects.get(pk=account_id)
        try:
            rehearsal.send(programme, viewer=viewer, language=language, now=clock.now())
        except Exception:
            logger.exception("error %s: a rehearsal could not be sent", secrets.token_hex(4))


_run_step = queue.task()(run_step)
_send_rehearsal = queue.task()(send_rehearsal)
queue.periodic_task(crontab())(sweep)
queue.periodic_task(crontab())(minute)
queue.periodic_task(crontab(minute="20"))(hour)
queue.periodic_task(crontab())(say_in_channels)
queue.periodic_task(crontab(hour="3", minute="30"))(night)
STEPS: dict[Status, Callable[[Study, writes.Claim], None]] = {Status.INSPECTING: _inspect, Status.WORKING: _analyse}


@contextmanager
def _signs_of_life(claim: writes.Claim) -> Iterator[None]:
    """Keep the claim while its step runs, however long one calculation in it takes."""
    done = threading.Event()

    def beat() -> None:
        with suppress(writes.LostClaimError):
            while not done.wait(BEAT):
                writes.keep(claim=claim, now=timezone.now())
        connections.close_all()

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


@contextmanager
def _own_connection() -> Iterator[None]:
    """Drop connections to the database that broke or grew old; one in a caller's transaction is the caller's."""
    try:
        yield
    finally:
        for connection in connections.all(initialized_only=True):
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()


def work(*, child: bool = False, threads: int = 2) -> None:
    """Run what is queued until SIGTERM or SIGINT; a step under way is finished first, or taken up again later.

    child: end also when the process that serves ends.
    """
    if child:
        die_with_parent()
    if settings.DEMO:
        import_string(settings.DEMO_TURN)  # its work has to be known here
    Consumer(queue, workers=threads, max_delay=0.5, graceful_signal="TERM", shutdown_timeout=15).run()
