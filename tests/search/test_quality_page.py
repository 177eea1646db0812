"""The page "Quality": for managers, honest where nothing was measured, quick however long its history is."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from search.models import Calibration, Evaluation, IndexBuild, Network, RecallCheck, Standing, TrainedHead
from tests.search.pages import said_by
from tests.search.shelf import category

pytestmark = pytest.mark.django_db


@pytest.fixture
def manage(client: Client, manager: User) -> Client:
    client.force_login(manager)
    return client


def share(value: float, half: float = 0.05) -> dict[str, float]:
    return {"value": value, "low": value - half, "high": value + half}


def row(recipe: str, first: float, **facts: Any) -> dict[str, Any]:
    measures = {"first": share(first), "recall": share(0.9), "average_precision": share(0.85)}
    measures |= {"category_1": share(0.6), "category_3": share(0.8)}
    return {
        "recipe": recipe,
        "name": recipe.title(),
        "encoder": "toy",
        "queries": 82,
        "objects": 39,
        "photos": 1_923,
        "is_sample": False,
        "measures": measures,
        "calibration_error": 0.04,
        "embed_ms": 20.0,
        "search_ms": 0.2,
        "feature_bytes": 12,
        "index_bytes": 1_024,
        "learn_seconds": 1.0,
    } | facts


FACTS = {
    "photos": 1_923, "queries": 82, "objects": 39, "k": 10, "folds": 5, "seed": 0, "seconds": 46.1,
    "versions": {"numpy": "2"}, "left_out": {"writeup": "VGG16: its weights are missing."}, "serving": "whitened",
}  # fmt: skip


def evaluation(first: float = 0.83, *, days_ago: int = 0, dataset: str = "The house's own catalogue") -> Evaluation:
    rows = [row("colours", 0.56), row("whitened", first), row("writeup", 0.77, photos=300, is_sample=True)]
    line = {"category": "glass", "queries": 31, "objects": 15}
    by_category = [{**line, "measures": {"whitened": {"first": share(0.7), "average_precision": share(0.75)}}}]
    made = Evaluation.objects.create(
        encoder="toy", head="whitened6-0a", dataset=dataset, rows=rows, by_category=by_category, facts=FACTS
    )
    Evaluation.objects.filter(pk=made.pk).update(at=timezone.now() - timedelta(days=days_ago))
    return made


def build() -> IndexBuild:
    return IndexBuild.objects.create(
        build_id="b1", engine="exact", encoder="toy", head="whitened6-0a", photo_count=1_923, state="ready",
        is_current=True, finished_at=timezone.now(),
    )  # fmt: skip


def check(mean: float, of: IndexBuild) -> RecallCheck:
    return RecallCheck.objects.create(
        build=of, queries=200, mean=mean, fifth_percentile=mean - 0.05, approximate_ms=1.5, exact_ms=12
    )


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("cataloguer", 403), ("manager", 200)])
def test_only_managers_see_it(client: Client, request: pytest.FixtureRequest, role: str, status: int) -> None:
    client.force_login(request.getfixturevalue(role))

    assert client.get("/quality/").status_code == status
    assert ('href="/quality/"' in client.get("/").content.decode()) == (role == "manager")


def test_strangers_are_sent_to_the_login(client: Client) -> None:
    assert client.get("/quality/")["Location"] == "/login/?next=/quality/"


def test_nothing_measured_says_which_command_measures(manage: Client) -> None:
    said = said_by(manage.get("/quality/"))

    assert "Nothing has been measured yet." in said
    assert "python manage.py evaluate" in said
    assert "Beside simpler ways" not in said


def test_it_begins_with_plain_sentences(manage: Client) -> None:
    evaluation(0.83)

    said = said_by(manage.get("/quality/"))

    assert "Of 100 photos, 83 (78 to 88) find their own object first." in said
    assert "Of 100 other photos of their object, 90 (85 to 95) are among the first 10." in said
    assert "off by 4 in 100" in said
    assert "82 photos of 39 objects asked among 1,923" in said


def test_ways_stand_side_by_side_and_samples_apart(manage: Client) -> None:
    category("Glass")
    evaluation()

    response = manage.get("/quality/")

    run = response.context["quality"].run
    assert [(line.name, line.serves) for line in run.lines] == [("Colours", False), ("Whitened", True)]
    assert [line.name for line in run.sample] == ["Writeup"]
    assert [(line.category, line.queries) for line in run.by_category] == [("Glass", 31)]
    assert "On a sample of 300 photos" in said_by(response)
    assert "its weights are missing" in said_by(response)


def test_columns_that_only_some_runs_have_come_with_their_words(manage: Client) -> None:
    made = evaluation()
    plain = manage.get("/quality/")
    made.rows[1]["measures"] |= {"told_1": share(0.7), "told_3": share(0.8), "agreed": share(0.66)}
    made.save()
    full = manage.get("/quality/")

    assert "As staff judged" not in said_by(plain)
    assert "As staff judged" in said_by(full)
    assert "66.0 61–71" in said_by(full)
    for response in (plain, full):
        page = response.content.decode()
        table = page[page.index("Ways in figures") :]
        columns = table[: table.index("</thead>")].count("<th ")
        assert f'colspan="{columns}"' in table


def test_history_is_of_the_same_questions_and_the_newest_first(manage: Client) -> None:
    old, older = evaluation(0.7, days_ago=7), evaluation(0.6, days_ago=14)
    elsewhere = evaluation(0.5, days_ago=1, dataset="auction")
    newest = evaluation(0.8)

    shown = manage.get("/quality/").context["quality"]

    assert [run.row for run in shown.history] == [newest, old, older]
    said = ["Of 100 photos, 60", "Of 100 photos, 70", "Of 100 photos, 80"]
    assert [mark.title.split(": ")[1][:17] for mark in shown.course.marks] == said
    heights = [float(mark.y) for mark in shown.course.marks]
    assert heights == sorted(heights, reverse=True)  # it became better, run by run
    assert shown.others == [elsewhere]


def test_an_older_run_can_be_opened(manage: Client) -> None:
    old = evaluation(0.7, days_ago=7)
    evaluation(0.8)

    assert "Of 100 photos, 70 (65 to 75)" in said_by(manage.get(f"/quality/{old.key}/"))
    assert manage.get("/quality/6f4f8c1e-0000-4000-8000-000000000000/").status_code == 404


def test_a_run_that_did_not_ask_what_serves_says_so(manage: Client) -> None:
    made = evaluation()
    made.rows = [each for each in made.rows if each["recipe"] == "colours"]
    made.save()

    assert "did not ask the recipe that serves" in said_by(manage.get("/quality/"))


def test_a_run_by_an_older_version_is_still_shown(manage: Client) -> None:
    made = evaluation()
    for each in made.rows:
        del each["calibration_error"], each["learn_seconds"]
    made.save()

    assert "Of 100 photos, 83" in said_by(manage.get("/quality/"))


def test_the_reliability_diagram_is_of_the_head_that_serves(manage: Client) -> None:
    build()
    bins = [{"promised": 0.1, "came_true": 0.12, "count": 400}, {"promised": 0.9, "came_true": 0.85, "count": 100}]
    kinds = {"first": {"reliability": bins, "calibration_error": 0.026}}
    for head, facts in (("whitened6-0a", kinds), ("other", {})):
        Calibration.objects.create(encoder="toy", head=head, curves={}, cutoff=0, false_alarms=0.2, facts=facts)

    response = manage.get("/quality/")

    (shown,) = response.context["quality"].reliability
    assert (shown.words, [(dot.x, dot.y) for dot in shown.dots]) == (
        "the very object",
        [("10.00", "88.00"), ("90.00", "15.00")],
    )
    assert "off by 2.6 in 100" in said_by(response)


def test_recall_below_what_the_house_wants_is_said(manage: Client) -> None:
    current = build()
    check(0.995, current)
    assert "too little" not in said_by(manage.get("/quality/"))

    check(0.91, current)
    said = said_by(manage.get("/quality/"))
    assert "the index found 91.0" in said
    assert "The house wants 99.0: this is too little." in said


def test_what_serves_and_what_was_promoted_is_shown(manage: Client) -> None:
    build()
    TrainedHead.objects.create(
        name="trained6-1a", encoder="toy", content=b"", standing=Standing.SERVING, promoted_at=timezone.now()
    )
    Network.objects.create(name="toy-tuned", base="toy", file="toy.pt", sha256="0")

    said = said_by(manage.get("/quality/"))

    assert "exact, 1,923 photos" in said
    assert "trained6-1a" in said
    assert "toy-tuned" in said
    assert "Candidate" in said


@pytest.mark.usefixtures("nothing_read_again")
def test_thirty_runs_cost_as_many_queries_as_one(manage: Client, django_assert_num_queries: Any) -> None:
    def populate(times: int) -> None:
        for number in range(times):
            evaluation(0.5 + number / 100, days_ago=number)
            check(0.99, current)
            TrainedHead.objects.create(name=f"h{times}-{number}", encoder="toy", content=b"")

    current = build()
    populate(1)
    manage.get("/quality/")  # the session and the permissions are read as they are from now on
    with django_assert_num_queries(10):
        manage.get("/quality/")
    populate(30)
    with django_assert_num_queries(10):
        manage.get("/quality/")


def test_no_style_or_script_stands_in_the_page(manage: Client) -> None:
    evaluation()
    page = manage.get("/quality/").content.decode()

    assert " style=" not in page
    assert "<script>" not in page
