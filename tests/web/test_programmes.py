"""Programmes through their pages: who may, from four questions to running, and what changes when something moves."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from borging.cards.models import Card, CardStatus, Moment
from borging.people.models import Account, Person
from borging.programmes.models import Cohort, Enrolment, Programme, Session, Status
from borging.transfer import promises
from borging.transfer.models import Barrier
from tests.programmes import makers
from tests.web import makers as web

pytestmark = pytest.mark.django_db
ENDS = ("", "questions/goal", "stop", "cards", "people", "situations")
POSTS = (
    "start", "pause", "resume", "stop", "signature", "rehearsal", "cohorts", "people/add", "situations",
    "situations/paste", "fix/no-time", "questions/goal",
)  # fmt: skip


@pytest.fixture
def account() -> Account:
    return makers.ld_account()


@pytest.fixture
def client(account: Account) -> Client:
    return web.client_of(account)


def page(client: Client, programme: Programme, end: str = "") -> str:
    answer = client.get(f"/programmes/{programme.pk}/{end}")
    assert answer.status_code == 200
    return answer.content.decode()


def post(client: Client, programme: Programme, end: str, **data: object) -> str:
    answer = client.post(f"/programmes/{programme.pk}/{end}", data, follow=True)
    assert answer.status_code == 200
    programme.refresh_from_db()
    return answer.content.decode()


# --- who may ----------------------------------------------------------------------------------------------------------


def test_only_who_has_the_role_opens_programmes_and_sees_them_in_the_menu(account: Account, client: Client) -> None:
    programme = makers.draft(account)
    colleague = web.client_of(web.account("colleague@example.org", organisation="De Vaart"))
    for end in ("", "new", f"{programme.pk}/", f"{programme.pk}/people"):
        assert colleague.get(f"/programmes/{end}").status_code == 403
        assert Client().get(f"/programmes/{end}").headers["Location"].startswith("/account/login/")
    assert 'href="/programmes/"' in client.get("/studies/").content.decode()
    assert 'href="/programmes/"' not in colleague.get("/studies/").content.decode()


def test_a_programme_of_another_organisation_is_not_there_for_any_method(client: Client) -> None:
    other = makers.complete(makers.ld_account("b@example.org", organisation="De Dijk"))
    session = Session.objects.get()
    enrolment = Enrolment.objects.first()
    assert enrolment
    ends = (*ENDS, *POSTS, f"sessions/{session.pk}", f"people/{enrolment.pk}", f"cohorts/{session.cohort_id}/session")
    before = Programme.objects.filter(pk=other.pk).values().get()
    for end in ends:
        for method in (client.get, client.post):
            assert method(f"/programmes/{other.pk}/{end}").status_code in (404, 405), end
    assert Programme.objects.filter(pk=other.pk).values().get() == before
    assert "The good talk" not in client.get("/programmes/").content.decode()


def test_parts_of_another_programme_are_not_reached_through_ones_own(account: Account, client: Client) -> None:
    own = makers.draft(account)
    makers.complete(makers.ld_account("b@example.org", organisation="De Dijk"))
    session, enrolment = Session.objects.get(), Enrolment.objects.first()
    assert enrolment
    for end in (f"sessions/{session.pk}", f"people/{enrolment.pk}", f"cohorts/{session.cohort_id}/session"):
        assert client.get(f"/programmes/{own.pk}/{end}").status_code == 404
    stranger = Person.objects.filter(organisation__name="De Dijk").first()
    assert stranger
    client.post(f"/programmes/{own.pk}/people/add", {"person": stranger.pk})
    assert not own.cohorts.get().enrolments.exists()


# --- the questions ----------------------------------------------------------------------------------------------------


def test_four_questions_and_a_day_make_a_draft_on_its_own_page(client: Client) -> None:
    answer = client.post("/programmes/new", {"name": "The good talk"})
    where = answer.headers["Location"]
    answers: list[dict[str, object]] = [
        {"goal": "Fewer people are away.", "kpi": "absence", "promised_change": "2.5"},
        {"behaviour_1": "asks first what is possible", "behaviour_2": "calls back within a week"},
        {"skill": "closed", "situation": "somebody calls in ill"},
        {"retention_days": "90"},
        {
            "day": "2027-03-08",
            "starts": "09:00",
            "ends": "16:30",
            "place": "Room 3",
            "sponsor": "Ada Boss <ada@example.org>",
        },
    ]
    for given in answers:
        assert client.get(where).status_code == 200
        where = client.post(where, given).headers["Location"]
    programme = Programme.objects.get()
    assert where == f"/programmes/{programme.pk}/"
    session = Session.objects.get()
    assert (programme.status, programme.promised_change, programme.retention_days) == ("draft", 2.5, 90)
    assert [b.text for b in programme.behaviours.all()] == ["asks first what is possible", "calls back within a week"]
    assert programme.sponsor
    assert programme.sponsor.email == "ada@example.org"
    assert session.starts_at == datetime(2027, 3, 8, 8, 0, tzinfo=UTC)  # nine o'clock in Amsterdam
    html = page(client, programme)
    assert "calls back within a week" in html
    assert "Fewer people are away." in html


def test_an_invitation_is_read_and_what_was_found_is_shown(client: Client) -> None:
    text = "Training: Het goede gesprek\nWe zien elkaar op 8 maart 2027, 9:00 - 16:30.\nLocatie: Zaal 3"
    answer = client.post("/programmes/new", {"invitation": text}, follow=True)
    html = answer.content.decode()
    assert "8 March 2027 from 09:00 to 16:30; place: Zaal 3" in html
    programme = Programme.objects.get()
    assert programme.name == "Het goede gesprek"
    assert Session.objects.get().place == "Zaal 3"


def test_an_invitation_in_which_nothing_is_found_says_so(client: Client) -> None:
    html = client.post("/programmes/new", {"invitation": "Dear all, see you soon"}, follow=True).content.decode()
    assert "Not found: a day, the place." in html
    assert Programme.objects.get().name == "New training"


def test_nothing_at_all_is_no_programme(client: Client) -> None:
    answer = client.post("/programmes/new", {})
    assert answer.status_code == 422
    assert "Write a name, or paste the invitation." in answer.content.decode()
    assert not Programme.objects.exists()


def test_a_behaviour_nobody_can_see_gets_a_suggestion_and_may_be_kept(account: Account, client: Client) -> None:
    programme = makers.draft(account)
    address = f"/programmes/{programme.pk}/questions/behaviours?wizard=1"
    answer = client.post(address, {"behaviour_1": "begrijpt het belang van rust"})
    html = answer.content.decode()
    assert "Can somebody see or hear this?" in html
    assert "legt uit aan een collega: het belang van rust" in html
    assert programme.behaviours.get().text == "begrijpt het belang van rust"
    kept = client.post(address, {"behaviour_1": "begrijpt het belang van rust", "keep": "1"})
    assert kept.headers["Location"].endswith("questions/skill?wizard=1")


def test_a_draft_saves_itself_while_it_is_filled_in(account: Account, client: Client) -> None:
    programme = makers.draft(account)
    address = f"/programmes/{programme.pk}/questions/goal?wizard=1"
    assert client.post(address, {"goal": "Half a"}, headers={"HX-Request": "true"}).status_code == 204
    programme.refresh_from_db()
    assert programme.goal == "Half a"


def test_behaviours_stand_once_the_programme_has_started(account: Account, client: Client) -> None:
    programme = makers.complete(account)
    post(client, programme, "start")
    html = post(client, programme, "questions/behaviours", behaviour_1="something else")
    assert "runs already" in html
    assert [b.text for b in programme.behaviours.all()] == list(makers.BEHAVIOURS)


# --- states -----------------------------------------------------------------------------------------------------------


def test_a_start_makes_the_moments_of_the_whole_timeline(account: Account, client: Client) -> None:
    programme = makers.complete(account)
    assert not Moment.objects.exists()
    assert "Borging takes it from here" in post(client, programme, "start")
    assert programme.status == Status.LIVE
    assert Moment.objects.filter(step="baseline-learner").exists()


def test_what_a_start_needs_is_said_and_nothing_starts_without(account: Account, client: Client) -> None:
    programme = makers.draft(account)
    html = post(client, programme, "start")
    assert "Name at least one behaviour first" in html
    assert "Add the people who take part first" in html
    assert programme.status == Status.DRAFT


@pytest.mark.parametrize(
    ("status", "verb"),
    [
        (Status.DRAFT, "pause"),
        (Status.DRAFT, "resume"),
        (Status.LIVE, "start"),
        (Status.LIVE, "resume"),
        (Status.PAUSED, "pause"),
        (Status.STOPPED, "start"),
        (Status.STOPPED, "resume"),
        (Status.STOPPED, "stop"),
        (Status.DONE, "pause"),
    ],
)
def test_a_step_from_the_wrong_state_changes_nothing_and_says_why(
    account: Account, client: Client, status: Status, verb: str
) -> None:
    programme = makers.complete(account)
    Programme.objects.filter(pk=programme.pk).update(status=status)
    html = post(client, programme, verb)
    assert programme.status == status
    assert re.search(r'class="note warn" role="status">This programme', html)


def test_pausing_and_resuming_go_back_and_forth(account: Account, client: Client) -> None:
    programme = makers.complete(account)
    for verb, status in (("start", "live"), ("pause", "paused"), ("resume", "live")):
        post(client, programme, verb)
        assert programme.status == status


def test_stopping_asks_once_says_what_happens_and_withdraws_every_card(account: Account, client: Client) -> None:
    programme = makers.complete(account, now=datetime.now(UTC) - timedelta(days=7))
    post(client, programme, "start")
    assert Card.objects.filter(status=CardStatus.PLANNED).exists()
    assert "What happens to the data" in page(client, programme, "stop")
    assert programme.status == Status.LIVE
    post(client, programme, "stop")
    assert programme.status == Status.STOPPED
    assert set(Card.objects.values_list("status", flat=True)) == {CardStatus.WITHDRAWN}


def test_a_draft_that_is_thrown_away_is_gone(account: Account, client: Client) -> None:
    programme = makers.complete(account)
    client.post(f"/programmes/{programme.pk}/stop")
    assert not Programme.objects.exists()
    assert Person.objects.exists()


def test_a_programme_that_has_ended_changes_no_more(account: Account, client: Client) -> None:
    programme = makers.complete(account)
    Programme.objects.update(status=Status.STOPPED)
    for end, data in (
        ("questions/goal", {"goal": "another"}),
        ("people/add", {"people": "New One <new@example.org>"}),
        ("cohorts", {"name": "Late"}),
        ("fix/no-time", {}),
    ):
        assert "has ended" in post(client, programme, end, **data)
    assert programme.goal == "Fewer people are away for long."
    assert programme.practice_minutes == 0
    assert Cohort.objects.count() == 1


# --- sessions ---------------------------------------------------------------------------------------------------------


def test_moving_a_session_moves_everything_not_yet_done_along(account: Account, client: Client) -> None:
    programme = makers.complete(account)
    cohort = programme.cohorts.get()
    first = Session.objects.get()
    second = Session.objects.create(
        cohort=cohort, starts_at=first.starts_at + timedelta(days=14), ends_at=first.ends_at + timedelta(days=14)
    )
    post(client, programme, "start")
    before = dict(Moment.objects.values_list("pk", "due_on"))
    day = (first.starts_at + timedelta(days=7)).date()
    post(
        client,
        programme,
        f"sessions/{first.pk}",
        day=day.isoformat(),
        starts="10:00",
        ends="17:00",
        along="on",
        place="",
    )
    second.refresh_from_db()
    after = dict(Moment.objects.values_list("pk", "due_on"))
    assert (second.starts_at.date() - first.starts_at.date()).days == 21
    assert {after[pk] - before[pk] for pk in before} == {timedelta(days=7)}


def test_the_only_session_of_a_running_programme_is_not_cancelled(account: Account, client: Client) -> None:
    programme = makers.complete(account)
    post(client, programme, "start")
    html = post(client, programme, f"sessions/{Session.objects.get().pk}/cancel")
    assert "has at least one session" in html
    assert Session.objects.count() == 1


def test_a_session_that_ends_before_it_begins_is_not_planned(account: Account, client: Client) -> None:
    programme = makers.draft(account)
    address = f"/programmes/{programme.pk}/cohorts/{programme.cohorts.get().pk}/session"
    answer = client.post(address, {"day": "2027-03-08", "starts": "12:00", "ends": "09:00"})
    assert answer.status_code == 422
    assert not Session.objects.exists()


# --- people -----------------------------------------------------------------------------------------------------------


def test_people_are_added_by_number_address_or_name_and_each_gets_a_buddy(account: Account, client: Client) -> None:
    programme = makers.draft(account)
    ada, bob, _cy = makers.people(account, 3, today=datetime.now(UTC).date())
    text = f"{ada.number}\n{bob.email}\nLearner 3\nNew One <new@example.org>\nNobody Known"
    html = post(client, programme, "people/add", people=text)
    assert "4 people added" in html
    assert "Nobody Known" in html
    rows = list(Enrolment.objects.all())
    assert len(rows) == 4
    assert {row.buddy_id for row in rows} == {row.person_id for row in rows}
    assert all(row.buddy_id != row.person_id for row in rows)


def test_the_same_list_pasted_twice_adds_nobody_twice(account: Account, client: Client) -> None:
    programme = makers.draft(account)
    for _time in range(2):
        html = post(client, programme, "people/add", people="New One <new@example.org>\nnew@example.org")
    assert "They took part already." in html
    assert Enrolment.objects.count() == Person.objects.count() == 1


def test_people_are_looked_up_and_ticked(account: Account, client: Client) -> None:
    programme = makers.draft(account)
    ada, *_others = makers.people(account, 3, today=datetime.now(UTC).date())
    assert ada.email in page(client, programme, "people?q=learner1")
    post(client, programme, "people/add", person=ada.pk)
    assert Enrolment.objects.get().person == ada


def test_another_buddy_can_be_chosen_but_not_oneself(account: Account, client: Client) -> None:
    programme = makers.complete(account)
    one, two, three, *_rest = Enrolment.objects.order_by("pk")
    post(client, programme, f"people/{one.pk}", buddy=three.person_id, observer="")
    one.refresh_from_db()
    assert one.buddy_id == three.person_id
    answer = client.post(f"/programmes/{programme.pk}/people/{two.pk}", {"buddy": two.person_id})
    assert answer.status_code == 422


def test_who_leaves_a_running_programme_is_asked_no_more_and_their_buddy_gets_another(
    account: Account, client: Client
) -> None:
    programme = makers.complete(account, now=datetime.now(UTC) - timedelta(days=7))
    post(client, programme, "start")
    one = Enrolment.objects.order_by("pk").first()
    assert one
    post(client, programme, f"people/{one.pk}/leave")
    one.refresh_from_db()
    assert one.left_on
    assert not Card.objects.filter(enrolment=one).exclude(status=CardStatus.WITHDRAWN).exists()
    staying = Enrolment.objects.filter(left_on=None)
    assert not staying.filter(buddy=one.person).exists()
    assert not staying.filter(buddy=None).exists()


# --- situations -------------------------------------------------------------------------------------------------------


def test_situations_are_added_changed_and_deleted(account: Account, client: Client) -> None:
    programme = makers.draft(account)
    given = {"form": "A", "text": "Somebody calls.", "best": "ask", "others": "wait\nhang up", "explanation": "so"}
    post(client, programme, "situations", **given)
    situation = programme.situations.get()
    assert situation.options == ["ask", "wait", "hang up"]
    post(client, programme, f"situations/{situation.pk}", **given | {"form": "B", "best": "listen"})
    situation.refresh_from_db()
    assert (situation.form, situation.options[0]) == ("B", "listen")
    post(client, programme, f"situations/{situation.pk}/delete")
    assert not programme.situations.exists()


def test_pasted_situations_are_numbered_on(account: Account, client: Client) -> None:
    programme = makers.draft(account)
    text = "One.\n- ask\n- wait\n\nTwo.\n- ask\n- wait\n\nnonsense"
    for _time in range(2):
        html = post(client, programme, "situations/paste", **{"pasted-form": "R", "pasted-text": text})
    assert "1 block could not be read" in html
    assert list(programme.situations.values_list("position", flat=True)) == [1, 2, 3, 4]


# --- the promise ------------------------------------------------------------------------------------------------------


def test_a_promise_signed_on_paper_is_sealed_and_any_change_breaks_the_seal_visibly(
    account: Account, client: Client
) -> None:
    programme = makers.complete(account)
    Programme.objects.update(promise_sha256="", promise_signed_at=None, promise_signer=None)
    day = datetime.now(UTC).date() - timedelta(days=1)
    html = post(client, programme, "signature", signed_on=day.isoformat())
    assert "promise signed on paper by Sponsor 1" in html
    assert programme.promise_sha256 in html
    html = post(client, programme, "questions/goal", goal="Something else", kpi="days", promised_change="2.5")
    assert "the seal is broken: the business goal changed" in html
    html = post(
        client, programme, "questions/goal", goal="Fewer people are away for long.", kpi="days", promised_change="2.5"
    )
    assert "the seal is broken" not in html


def test_moving_the_first_day_breaks_the_seal(account: Account, client: Client) -> None:
    programme = makers.complete(account)
    session = Session.objects.get()
    day = (session.starts_at + timedelta(days=1)).date()
    html = post(client, programme, f"sessions/{session.pk}", day=day.isoformat(), starts="09:00", ends="16:00")
    assert "the seal is broken: the first day changed" in html


def test_nobody_signs_in_the_future_or_without_a_sponsor(account: Account, client: Client) -> None:
    programme = makers.complete(account)
    signed_at = programme.promise_signed_at
    tomorrow = datetime.now(UTC).date() + timedelta(days=2)
    assert "still to come" in post(client, programme, "signature", signed_on=tomorrow.isoformat())
    assert programme.promise_signed_at == signed_at
    assert "Say first who the sponsor is" in post(client, makers.draft(account), "signature", signed_on="2026-01-01")


def test_only_the_sponsor_signs_and_only_what_says_something(account: Account) -> None:
    programme = makers.complete(account)
    somebody = Person.objects.get(name="Boss 1")
    with pytest.raises(promises.NotTheSponsorError):
        promises.sign(programme=programme, person=somebody, now=datetime.now(UTC))
    assert programme.sponsor
    Programme.objects.update(goal="")
    with pytest.raises(promises.EmptyPromiseError):
        promises.sign(programme=programme, person=programme.sponsor, now=datetime.now(UTC))


# --- the transfer check -----------------------------------------------------------------------------------------------


def test_the_check_shows_the_three_weakest_first_with_reason_and_source(account: Account, client: Client) -> None:
    html = page(client, makers.complete(account))
    assert "Transfer check: 14 of 20 points in order" in html
    weakest, folded = html.split('<ol class="attend">')[1].split("</ol>")[0], html.split("3 more points")[1]
    assert weakest.count("<h3>") == 3
    assert "No practice time is protected." in weakest
    assert "Botke et al. 2018" in weakest
    assert "Nobody owns the embedding." in folded


def test_a_finding_that_was_not_checked_is_never_shown(account: Account, client: Client) -> None:
    programme = makers.draft(account)
    html = page(client, programme)
    assert "The sponsor has not signed." in html
    assert "Grossman" not in html
    assert "Rowland" not in html


def test_one_press_keeps_practice_time_free(account: Account, client: Client) -> None:
    programme = makers.complete(account)
    html = post(client, programme, "fix/no-time")
    assert programme.practice_minutes == 30
    assert "No practice time is protected." not in html


def test_one_press_gives_everyone_a_buddy(account: Account, client: Client) -> None:
    programme = makers.complete(account)
    Enrolment.objects.update(buddy=None)
    assert "6 people have none." in page(client, programme)
    post(client, programme, "fix/no-buddy")
    assert not Enrolment.objects.filter(buddy=None).exists()


def test_more_people_than_places_are_drawn_by_lot_into_two_cohorts(account: Account, client: Client) -> None:
    programme = makers.complete(account)
    Programme.objects.update(places=4)
    post(client, programme, "fix/too-few-places")
    first, second = programme.cohorts.all()
    assert (first.enrolments.count(), second.enrolments.count()) == (4, 2)
    for row in Enrolment.objects.select_related("cohort"):
        assert row.buddy_id in set(row.cohort.enrolments.values_list("person", flat=True))


def test_training_can_be_the_wrong_answer_and_the_barrier_is_routed_once(account: Account, client: Client) -> None:
    programme = makers.complete(account)
    Programme.objects.update(main_barrier="tools")
    assert "Training is not the answer here." in page(client, programme)
    for _time in range(2):
        html = post(client, programme, "fix/not-training")
    assert "The barrier is with Sponsor 1." in html
    assert Barrier.objects.count() == 1


def test_every_fix_that_is_no_button_leads_to_a_page_with_the_field(account: Account, client: Client) -> None:
    html = page(client, makers.draft(account))
    links = re.findall(r'<a class="ds-button" data-variant="secondary" href="([^"]+)"', html)
    assert len(links) >= 8
    for link in links:
        where, _hash, field = link.partition("#")
        target = client.get(where).content.decode()
        assert not field or f'id="{field}"' in target, link


def test_a_fix_nobody_knows_is_not_there(account: Account, client: Client) -> None:
    assert client.post(f"/programmes/{makers.draft(account).pk}/fix/everything").status_code == 404


# --- the page ---------------------------------------------------------------------------------------------------------


def test_a_small_cohort_proves_nothing_and_the_page_says_why(account: Account, client: Client) -> None:
    html = page(client, makers.complete(account, n=4))
    assert "Fewer than 5 people" in html
    assert "can tell" not in html
    assert "Smallest change that shows" not in html


def test_what_a_cohort_can_prove_is_drawn_with_the_promise_and_a_table(account: Account, client: Client) -> None:
    html = page(client, makers.complete(account, n=13))
    assert "13 people show a change from 2.1 times in ten" in html
    assert "The promised 2.5 is within reach." in html
    assert 'class="promise"' in html
    assert "Smallest change that shows" in html


def test_cohorts_together_prove_more_than_one_alone(account: Account, client: Client) -> None:
    programme = makers.complete(account, n=13)
    later = Cohort.objects.create(programme=programme, name="Cohort 2")
    others = makers.people(account, 13, today=datetime.now(UTC).date(), name="Other")
    Enrolment.objects.bulk_create(
        Enrolment(cohort=later, person=person, enrolled_on=datetime.now(UTC).date()) for person in others
    )
    Programme.objects.update(promised_change=1.5)
    html = page(client, programme)
    assert "this cohort alone cannot tell it from chance" in html
    assert "All cohorts together, 26 people, show it from 1.4." in html
    assert "This cohort is too small to show this." not in html


def test_the_name_can_be_changed_and_is_never_lost(account: Account, client: Client) -> None:
    programme = makers.draft(account)
    post(client, programme, "questions/goal", name="", goal="Less absence")
    assert programme.name == "The good talk"
    post(client, programme, "questions/goal", name="A better talk", goal="Less absence")
    assert programme.name == "A better talk"


def test_the_drawing_of_minutes_and_its_table_say_the_same(account: Account, client: Client) -> None:
    html = page(client, makers.complete(account))
    total = re.search(r"</svg>learner (\d+) min", html)
    assert total
    table = html.split("Minutes per day as a table</summary>")[1].split("</table>")[0]
    cells = re.findall(r'<tr><th scope="row">[^<]+</th><td class="r">(\d+)</td>', table)
    assert sum(map(int, cells)) == int(total[1])


def test_today_stands_in_the_drawing_only_within_it(account: Account, client: Client) -> None:
    programme = makers.complete(account)
    assert 'class="today"' not in page(client, programme)  # five weeks ahead, before the first step
    Session.objects.update(
        starts_at=datetime.now(UTC) + timedelta(days=7), ends_at=datetime.now(UTC) + timedelta(days=8)
    )
    assert page(client, programme).count('class="today"') == 2


def test_the_page_takes_as_many_questions_to_the_database_for_many_people_as_for_few(
    account: Account, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    programme = makers.complete(account, n=40)
    with django_assert_max_num_queries(75):
        page(client, programme)


@pytest.mark.usefixtures("immediate_queue")
def test_a_rehearsal_sends_every_card_to_oneself_marked_and_keeps_nothing(
    account: Account, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    programme = makers.complete(account)
    with django_capture_on_commit_callbacks(execute=True):
        html = post(client, programme, "rehearsal")
        assert not mail.outbox  # the page does not wait for it
    assert f"{len(mail.outbox)} cards are on their way to you." in html
    assert len(mail.outbox) > 20
    assert {tuple(each.to) for each in mail.outbox} == {("Noor <noor@example.org>",)}
    assert all("Rehearsal" in each.subject for each in mail.outbox)
    programme.refresh_from_db()
    assert programme.rehearsed_at
    assert not Card.objects.exists()
    assert not Moment.objects.exists()
    where = re.search(rf"{settings.BASE_URL}(/programmes/\d+/cards/[a-z0-9-]+/[a-z]+)", str(mail.outbox[0].body))
    assert where
    assert client.get(where[1]).status_code == 200


@pytest.mark.usefixtures("immediate_queue")
def test_a_rehearsal_that_the_mail_server_does_not_take_is_not_counted_as_held(
    account: Account,
    client: Client,
    django_capture_on_commit_callbacks: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def refuse(*_args: object, **_named: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
    programme = makers.complete(account)
    with django_capture_on_commit_callbacks(execute=True):
        html = post(client, programme, "rehearsal")
    assert "If nothing comes, you can read every card here." in html
    programme.refresh_from_db()
    assert programme.rehearsed_at is None
    assert "a rehearsal could not be sent" in caplog.text


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_page_of_a_programme_is_light_with_one_heading_and_one_main_button_at_most(
    account: Account, language: str
) -> None:
    client = web.client_of(account, language=language)
    for programme in (makers.draft(account), makers.complete(account, n=30)):
        for end in (*ENDS, "questions/skill", "questions/when", "questions/surroundings", "questions/behaviours"):
            html = page(client, programme, end)
            assert len(re.findall("<h1", html)) == 1, end
            assert html.count('data-variant="primary"') <= 1, end
            assert len(html) < 100_000, end
            assert " style=" not in html
