"""Goals are judged by a run's own rows, configuration and findings; and a class notes what the server has seen itself."""

import time
from typing import Any

import httpx
import pytest

from engine import configure
from server.lessons.goals import Watched, hidden_units, judge
from server.lessons.lesson_file import read_lesson
from tests.server.api import create, wait_for


def lesson(goal: str, more: str = "", settings: str = '[settings]\ntask = "xor"') -> str:
    return f'+++\ntitle = "L"\n+++\n+++\ntitle = "S"\n{more}\ngoal = {goal}\n{settings}\n+++\ntext\n'


def watched(values: dict[int, float], findings: list[tuple[int, list[str]]] | None = None, **changes: Any) -> Watched:
    columns = {"step": [float(step) for step in values], "loss": [*values.values()], "test_accuracy": [*values.values()]}
    return Watched(configure({"task": "xor", **changes}).as_dict(), columns, findings or [])


LOSS = {0: 0.1, 10: 0.7, 20: 0.3, 30: 0.4}
CASES = [
    ('{metric = "loss", at_most = 0.4}', 20, "the untrained network does not count"),
    ('{metric = "loss", at_most = 0.4, after = 25}', 30, "not before"),
    ('{metric = "loss", at_most = 0.3, within = 15}', None, "too late"),
    ('{metric = "loss", at_least = 0.7}', 10, "at least"),
    ('{metric = "loss", at_least = 0.3, at_most = 0.35}', 20, "between"),
    ('{metric = "step", at_least = 15}', 20, "steps"),
    ('{value = "optimizer.learning_rate", at_least = 0.001}', 0, "a value"),
    ('{value = "optimizer.learning_rate", at_least = 5}', None, "a value that is too small"),
    ('{value = "network.0.units", at_most = 12}', 0, "a value of a layer"),
    ('{cause = "overfitting"}', 20, "what the doctor found"),
    ('{cause = "overfitting", within = 10}', None, "found too late"),
    ('{cause = "dead units"}', None, "not found"),
    ('{metric = "loss", at_most = 0.4, neurons = 24}', 20, "as many neurons as it has"),
    ('{metric = "loss", at_most = 0.4, neurons = 23}', None, "too many neurons"),
    ('{metric = "loss", at_most = 0.4, where = {"optimizer.name" = "Adam"}}', 20, "with this optimizer"),
    ('{metric = "loss", at_most = 0.4, where = {"optimizer.name" = "SGD"}}', None, "with another"),
]


@pytest.mark.parametrize(("goal", "reached", "why"), CASES)
def test_a_goal_is_reached_where_the_rows_say_so(goal: str, reached: int | None, why: str) -> None:
    run = watched(LOSS, [(10, ["noisy steps"]), (20, ["overfitting", "noisy steps"])])
    verdict = judge(read_lesson(lesson(goal)), 1, run)
    assert verdict.reached == reached, why
    assert reached is not None or verdict.words or verdict.best is not None


def test_a_comparison_takes_the_best_of_the_earlier_run() -> None:
    text = lesson('{metric = "loss", at_most = 1}') + '+++\ntitle = "T"\ngoal = {metric = "loss", below = 1}\n+++\nt\n'
    read = read_lesson(text)
    assert judge(read, 2, watched({10: 0.5, 20: 0.2}), watched(LOSS)).reached is None, "0.1 is the best of the other"
    assert judge(read, 2, watched({10: 0.5, 20: 0.05}), watched(LOSS)).reached == 20
    assert "Train in step 1 first" in judge(read, 2, watched(LOSS)).words


def test_what_a_step_locks_may_not_be_otherwise_but_the_seed() -> None:
    locked = read_lesson(lesson('{metric = "loss", at_most = 0.4}', 'lock = ["data", "training"]'))
    assert judge(locked, 1, watched(LOSS, seed=99)).reached == 20
    assert "another data" in judge(locked, 1, watched(LOSS, data={"noise": 0.01})).words
    assert "another optimizer" in judge(locked, 1, watched(LOSS, optimizer={"name": "SGD"})).words
    other = Watched(configure({"task": "moons"}).as_dict(), watched(LOSS).columns, [])
    assert "task xor" in judge(locked, 1, other).words


def test_hidden_units_are_those_of_all_layers_but_the_last() -> None:
    dense = lambda units: {"layer": "Dense", "units": units}  # noqa: E731
    assert hidden_units([dense(3), {"layer": "Tanh"}, dense(None)]) == 3
    assert hidden_units([dense(3), {"layer": "Residual", "layers": [dense(5)]}, dense(2)]) == 8
    assert hidden_units([dense(None)]) == 0


def reached(api: httpx.Client, **asked: Any) -> Any:
    answer = api.post("/lessons/goal", json=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_server_looks_at_the_run_itself_and_notes_it_for_the_class(api: httpx.Client) -> None:
    assert api.get("/class").json()["text"] is None
    assert api.post("/class/students", json={"name": "Ada"}).status_code == 404
    text = lesson('{metric = "step", at_least = 20}')
    assert api.put("/class", json={"text": "nonsense"}).json()["error"]["message"].startswith("Line 1")
    assert api.put("/class", json={"text": text}).json()["title"] == "L"
    for name, shown in (("  A\u0000da\n<b> ", "A da <b>"), ("Grace", "Grace")):
        assert api.post("/class/students", json={"name": name}).json()["name"] == shown
    for name in ("", " \n ", "x" * 41):
        assert api.post("/class/students", json={"name": name}).json()["error"]["field"] == "name"
    key = api.post("/class/students", json={"name": "Kay"}).json()["key"]

    id = create(api, task="xor", steps=40, start=False)["id"]
    assert reached(api, text=text, step=1, run=id)["reached"] is None
    assert api.post("/class/goals", json={"key": key, "step": 1, "run": id}).json()["reached"] is None
    assert [one["reached"] for one in api.get("/class").json()["students"]] == [[], [], []], "nobody's word counts"
    api.post(f"/runs/{id}/resume")
    wait_for(api, id, lambda run: run["status"] == "finished")
    assert reached(api, text=text, step=1, run=id)["reached"] == 20
    assert api.post("/class/goals", json={"key": key, "step": 1, "run": id}).json()["reached"] == 20
    students = api.get("/class").json()["students"]
    assert [(one["name"], one["reached"]) for one in students][-1] == ("Kay", [{"step": 1, "at": 20}])
    assert all(one["seconds"] < 60 for one in students)

    assert api.post("/class/goals", json={"key": "0" * 32, "step": 1, "run": id}).status_code == 404
    gone = {"key": key, "step": 1, "run": "gone"}
    assert api.post("/class/goals", json=gone).status_code == 422, "404 is for a student who is not in the class"
    assert api.post("/class/goals", json=gone).json()["error"]["field"] == "run"
    assert reached(api, name="smallest-network", step=1, run=id, other="gone")["words"], "it judges without it"
    assert api.post("/class/goals", json={"key": key, "step": 2, "run": id}).json()["error"]["field"] == "step"
    assert api.post("/lessons/goal", json={"name": "no-such", "step": 1, "run": id}).status_code == 404
    assert api.post("/lessons/goal", json={"step": 1, "run": id}).json()["error"]["field"] == "name"
    assert api.delete(f"/class/students/{students[-1]['number']}").status_code == 204
    assert api.post("/class/goals", json={"key": key, "step": 1, "run": id}).status_code == 404
    assert api.delete("/class").status_code == 204
    assert api.get("/class").json()["students"] == []


def test_a_class_is_full_some_day(api: httpx.Client) -> None:
    api.put("/class", json={"text": lesson('{metric = "step", at_least = 20}')})
    answers = [api.post("/class/students", json={"name": f"s{k}"}).status_code for k in range(121)]
    assert answers == [201] * 120 + [429]
    begin = time.monotonic()
    assert len(api.get("/class").json()["students"]) == 120
    assert time.monotonic() - begin < 60
    api.delete("/class")


def test_a_visitor_may_report_and_sees_no_names(start_server) -> None:
    server = start_server("--token", "t" * 20, "--view-only", "v" * 20)
    base = server.url.partition("?")[0].rstrip("/")
    with (
        httpx.Client(base_url=f"{base}/api", cookies=cookies(base, "t")) as teacher,
        httpx.Client(base_url=f"{base}/api", cookies=cookies(base, "v")) as visitor,
    ):
        text = lesson('{metric = "step", at_least = 1}')
        assert visitor.put("/class", json={"text": text}).status_code == 403
        assert teacher.put("/class", json={"text": text}).status_code == 200
        key = visitor.post("/class/students", json={"name": "Kay"}).json()["key"]
        assert visitor.get("/class").json()["students"] == []
        assert len(teacher.get("/class").json()["students"]) == 1
        id = create(teacher, task="xor", steps=5)["id"]
        wait_for(teacher, id, lambda run: run["status"] == "finished")
        assert visitor.post("/class/goals", json={"key": key, "step": 1, "run": id}).json()["reached"]
        assert visitor.delete("/class/students/1").status_code == 403
        assert visitor.delete("/class").status_code == 403


def cookies(base: str, letter: str) -> httpx.Cookies:
    return httpx.get(f"{base}/?token={letter * 20}", follow_redirects=False).cookies
