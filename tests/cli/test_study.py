"""`borging study` on real data with published answers."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from borging.cli import app
from tests.cli import sets
from tests.reference import published, reference

Found = dict[str, Any]

pytestmark = pytest.mark.usefixtures("read_here")


def study(files: tuple[Path, Path], *options: str) -> Found:
    """The one outcome of a study, as JSON."""
    result = CliRunner().invoke(app, ["study", *map(str, files), "--json", *options])
    assert result.exit_code == 0, result.output
    (found,) = json.loads(result.stdout)
    return dict(found)


def test_the_job_training_experiment_gives_its_published_effect_on_rung_six(tmp_path: Path) -> None:
    expected = published("lalonde_nsw_dw")
    found = study(sets.job_training(tmp_path), "--assigned-by", "lottery")
    assert found["effect"] == pytest.approx(expected["att"][0], abs=expected["att"][1])
    assert found["se"] == pytest.approx(expected["se_classical"][0], abs=expected["se_classical"][1])
    assert (found["n_trained"], found["n_comparison"]) == (185, 260)
    assert (found["rung"], found["refused"]) == (6, False)


@pytest.mark.parametrize("told", ["unknown", "choice", "wave"])
def test_without_a_lottery_the_same_numbers_are_a_difference_and_no_effect(tmp_path: Path, told: str) -> None:
    found = study(sets.job_training(tmp_path), "--assigned-by", told)
    assert found["effect"] == pytest.approx(1794.34, abs=0.01)
    assert found["rung"] < 5
    assert found["refused"]


def test_people_who_look_nothing_like_the_trained_are_refused_as_a_comparison_and_it_shows_why(tmp_path: Path) -> None:
    expected = published("lalonde_cps1")
    found = study(sets.job_training(tmp_path, "lalonde_cps1"), "--lang", "en")
    assert found["effect"] == pytest.approx(expected["naive_diff"][0], abs=expected["naive_diff"][1])
    assert found["n_comparison"] == expected["n_control"][0]
    assert found["rung"] < 5
    assert found["refused"]
    assert max(abs(row["difference"]) for row in found["balance"]) > 1
    assert found["overlap"] < 0.8
    assert any("not alike before the start" in reason for reason in found["reasons"])
    assert any("people like them" in reason for reason in found["reasons"])


def test_staggered_minimum_wages_give_the_published_effects_per_cohort(tmp_path: Path) -> None:
    found = study(sets.minimum_wage(tmp_path))
    assert found["design"] == "staggered_did"
    never = next(each for each in found["staggered"] if each["comparison"] == "never")
    cells = {(cell["cohort"], cell["time"]): cell["value"] for cell in never["cohort_effects"]}
    averages = {each["kind"]: each for each in never["aggregations"]}
    dynamic = {f"dynamic_e{point['at']}": point["value"] for point in averages["dynamic"]["points"]}
    cohorts = {f"group_{point['at']}": point["value"] for point in averages["group"]["points"]}
    numbers = {f"att_g{cohort}_t{time}": value for (cohort, time), value in cells.items()} | dynamic | cohorts
    numbers["dynamic_overall"] = averages["dynamic"]["overall"]
    numbers["group_overall"] = averages["group"]["overall"]
    numbers["pretest_p_wald"] = never["pretest_p"]
    for key, (value, tolerance) in published("mpdta").items():
        assert numbers[key] == pytest.approx(value, abs=tolerance), key


@pytest.mark.parametrize(
    ("comparison", "design"), [("never", "nocov|nevertreated|reg"), ("notyet", "nocov|notyettreated|reg")]
)
def test_staggered_standard_errors_are_exact_for_both_comparisons(tmp_path: Path, comparison: str, design: str) -> None:
    expected = json.loads(reference("mpdta_exact.json").read_text())[design]
    found = study(sets.minimum_wage(tmp_path))
    (staggered,) = [each for each in found["staggered"] if each["comparison"] == comparison]
    for cell in staggered["cohort_effects"]:
        value, se = expected["att"][f"{cell['cohort']},{cell['time']}"]
        assert cell["value"] == pytest.approx(value, abs=1e-9)
        assert cell["se"] == pytest.approx(se, abs=1e-9)
    for average in staggered["aggregations"]:
        value, se = expected["agg"][average["kind"]]["overall"]
        assert average["overall"] == pytest.approx(value, abs=1e-9)
        assert average["overall_se"] == pytest.approx(se, abs=1e-9)


def test_ten_patients_before_and_after_are_a_paired_difference_under_rung_five(tmp_path: Path) -> None:
    expected = published("sleep_paired")
    found = study(sets.sleep(tmp_path))
    assert found["design"] == "paired"
    assert -found["effect"] == pytest.approx(expected["mean_diff"][0], abs=1e-9)
    assert found["p"] == pytest.approx(expected["p"][0], abs=expected["p"][1])
    assert found["rung"] < 5
    assert found["refused"]


def test_wide_files_are_read_as_one_column_a_period(tmp_path: Path) -> None:
    found = study(sets.movies(tmp_path))
    expected = published("lakens_movies")
    assert found["design"] == "paired"
    assert found["effect"] / found["se"] == pytest.approx(expected["t_paired"][0], abs=expected["t_paired"][1])
    assert found["standardised"] == pytest.approx(expected["g_av"][0], abs=expected["g_av"][1])


def test_too_few_people_show_no_number_at_all(tmp_path: Path) -> None:
    people = sets.write(tmp_path / "p.csv", ["person", "start"], ([str(n), "2"] for n in range(4)))
    values = sets.write(
        tmp_path / "o.csv", ["person", "time", "value"], ([str(n), t, str(n + int(t))] for n in range(4) for t in "12")
    )
    found = study((people, values))
    assert found["effect"] is None
    assert found["refused"]
    assert found["n_trained"] == 0


def test_every_rejected_row_is_listed_however_many_there_are(tmp_path: Path) -> None:
    people, values = sets.job_training(tmp_path)
    with values.open("a") as file:
        file.writelines(f"{n % 445 + 1},1978,none of these\n" for n in range(1_500))
    found = study((people, values))
    assert found["rejected_total"] == len(found["rejected_rows"]) == 1_500
    assert {row["column"] for row in found["rejected_rows"]} == {"earnings"}
    assert all(row["reason"] and row["remedy"] and row["row"] > 446 for row in found["rejected_rows"])
    assert found["effect"] == pytest.approx(1794.34, abs=0.01)


def test_a_column_both_files_share_names_the_people(tmp_path: Path) -> None:
    found = study(sets.minimum_wage(tmp_path))
    assert found["columns"]["participants"]["person"] == found["columns"]["outcomes"]["person"] == "county"


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("form", ["pdf", "pptx", "xlsx", "html"])
def test_every_form_of_the_report_is_written(tmp_path: Path, language: str, form: str) -> None:
    out = tmp_path / f"report.{form}"
    files = map(str, sets.job_training(tmp_path))
    result = CliRunner().invoke(
        app, ["study", *files, "--out", str(out), "--lang", language, "--assigned-by", "lottery", "--cost", "100000"]
    )
    assert result.exit_code == 0, result.output
    assert out.stat().st_size > 5_000
    sentence = {"nl": "Waarschijnlijk door de training was", "en": "Probably because of the training"}[language]
    assert sentence in result.stdout


def test_unusable_input_ends_with_status_two_and_says_what_to_do(tmp_path: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.touch()
    people, _values = sets.job_training(tmp_path)
    result = CliRunner().invoke(app, ["study", str(people), str(empty), "--lang", "en"])
    assert result.exit_code == 2
    assert "empty" in result.stderr.lower()
    missing = CliRunner().invoke(app, ["study", str(people), str(tmp_path / "none.csv"), "--lang", "nl"])
    assert missing.exit_code == 2
