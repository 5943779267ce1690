"""What no program of this world should send, in every place of every call: refused in words, by field, and nothing changes."""

import io
import json
import tarfile
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from PIL import Image

from engine.hyperparameter import fields_of
from engine.layers import LAYERS
from engine.optimizers import OPTIMIZERS
from engine.regularizers import REGULARIZERS
from engine.schedules import SCHEDULES
from engine.tasks import TASKS
from engine.training.configuration import Configuration
from engine.training.factory import LOSSES
from server.api.models.bodies import MOST_DEPTH, read_json
from tests.conftest import Server
from tests.samples import TABLE
from tests.server.api import create, wait_for
from tests.server.test_schema import operations

LONG = "9" * 5_000
ODD = {
    "zero below zero": "-0",
    "half a character": '"\\ud800"',
    "half a name": '{"\\udfff": 1}',
    "half a character in bytes": b'"\xed\xa0\x80"',
    "5,000 digits": LONG,
    "-5,000 digits": f"-{LONG}",
    "5,000 digits in a list": f"[{LONG}]",
    "400 digits": "9" * 400,
    "20 digits": "9" * 20,
    "beyond a float": "1e999",
    "below a float": "-1e999",
    "no number": "NaN",
    "infinite": "-Infinity",
    "10,000 brackets": "[" * 10_000 + "]" * 10_000,
    "10,000 braces": '{"a":' * 10_000 + "1" + "}" * 10_000,
    "900 brackets": "[" * 900 + "]" * 900,
    "60 brackets": "[" * 60 + "]" * 60,
    "60 layers": '[{"layer":"Residual","layers":' * 30 + "[]" + "}]" * 30,
}
HERE = "@here@"
RUN = {"task": "spiral", "start": False, "steps": 50}
PLACES = {
    "POST /runs": [
        *({**RUN, name: HERE} for name in ("task", "network", "optimizer", "schedule", "loss", "regularizer", "data")),
        *({**RUN, name: HERE} for name in ("speed", "name", "note", "start")),
        *({**RUN, field.name: HERE} for field in fields_of(Configuration)),
        *({**RUN, "task": name, "data": {field.name: HERE}} for name, task in TASKS.items() for field in fields_of(task)),
        *(
            {**RUN, "network": [{"layer": name, field.name: HERE}, {"layer": "Dense"}]}
            for name, layer in LAYERS.items()
            for field in fields_of(layer)
        ),
        *(
            {**RUN, part: {"name": name, field.name: HERE}}
            for part, table in {
                "optimizer": OPTIMIZERS,
                "schedule": SCHEDULES,
                "loss": LOSSES,
                "regularizer": REGULARIZERS,
            }.items()
            for name, owner in table.items()
            for field in fields_of(owner)
        ),
        {**RUN, "network": [HERE]},
        {**RUN, "network": [{"layer": HERE}]},
        {**RUN, "network": [{"layer": "Residual", "layers": [{"layer": "Dense", "units": HERE}]}, {"layer": "Dense"}]},
        {**RUN, "strange": HERE},
        HERE,
    ],
    "PATCH /runs": [
        *({"ids": ["f"], "changes": {"note": "a"}, name: HERE} for name in ("ids", "changes")),
        {"ids": [HERE], "changes": {}},
        *({"ids": ["f"], "changes": {name: HERE}} for name in ("add_tags", "remove_tags", "name", "note", "strange")),
    ],
    "POST /runs/delete": [{"ids": HERE}, {"ids": [HERE]}, HERE],
    "POST /runs/restore": [{"ids": HERE}, {"ids": [HERE]}, HERE],
    "PATCH /runs/{id}": [
        *({name: HERE} for name in ("optimizer", "data", "steps", "speed", "name", "note", "tags")),
        {"tags": [HERE]},
        *(
            {name: HERE}
            for name in ("schedule", "regularizer", "batch_size", "batches_per_step", "clip_norm", "evaluate_every")
        ),
        *({"optimizer": {name: HERE}} for name in ("name", "learning_rate", "beta1", "strange")),
        *({"data": {name: HERE}} for name in ("noise", "points", "strange")),
    ],
    "POST /runs/{id}/fork": [
        *({"step": 0, "start": False, name: HERE} for name in ("step", "changes", "name", "note", "speed", "start")),
        *(
            {"step": 0, "start": False, "changes": {name: HERE}}
            for name in ("optimizer", "data", "network", "steps", "seed", "batch_size", "clip_norm", "task", "loss", "strange")
        ),
        *({"step": 0, "start": False, "changes": {"optimizer": {name: HERE}}} for name in ("name", "learning_rate")),
        {"step": 0, "start": False, "changes": {"data": {"noise": HERE}}},
        {"step": 0, "start": False, "changes": {"network": [{"layer": "Dense", "units": HERE}, {"layer": "Dense"}]}},
        {"step": 0, "start": False, "edits": HERE},
        {"step": 0, "start": False, "edits": [HERE]},
        *(
            {"step": 0, "start": False, "edits": [{"do": do, "layer": 0, **more, name: HERE}]}
            for do, more in (("set", {"parameter": "W", "index": [0, 0], "value": 1}), ("silence", {"unit": 0}), ("freeze", {}))
            for name in ("do", "layer", *more, "strange")
        ),
    ],
    "POST /groups": [
        *(
            {"kind": "race", "base": RUN, "axes": [{"path": "batch_size", "values": [5, 6]}], "start": False, name: HERE}
            for name in ("kind", "base", "axes", "speed", "start")
        ),
        *(
            {"kind": kind, "base": RUN, "axes": [{"path": path, "values": [HERE, 5]}], "start": False}
            for kind in ("race", "sweep")
            for path in (
                *("batch_size", "seed", "steps", "clip_norm", "optimizer.learning_rate", "data.noise", "network", "data"),
                *("network.0.units", "network.0.layer", "network.0", "activation", "optimizer", "schedule", "task", "strange"),
            )
        ),
        *(
            {"kind": "race", "base": RUN, "axes": [{"path": path, "values": [5, 6]}], "start": False}
            for path in (HERE, "network.²", f"network.{LONG}.units", "\ud800", "network.\ud800")
        ),
        {"kind": "race", "base": RUN, "axes": [{"path": "seed", "values": HERE}], "start": False},
        *(
            {"kind": "sweep", "base": RUN, "axes": [{"path": "seed", "values": [1, 2]}], "start": False, "search": search}
            for search in (HERE, *({"how": "grid", name: HERE} for name in ("how", "runs", "repeats", "goal", "keep", "seed")))
        ),
        *(
            {
                "kind": "sweep",
                "base": RUN,
                "axes": [{"path": path, "low": 1, "high": 2, name: HERE}],
                "start": False,
                "search": {"how": "random", "runs": 2},
            }
            for path in ("optimizer.learning_rate", "batch_size")
            for name in ("low", "high", "scale", "whole", "count")
        ),
        {"kind": "race", "base": {**RUN, "batch_size": HERE}, "axes": [{"path": "seed", "values": [1, 2]}], "start": False},
        {
            "kind": "race",
            "base": {**RUN, "data": {"noise": HERE}},
            "axes": [{"path": "seed", "values": [1, 2]}],
            "start": False,
        },
    ],
    "POST /groups/{id}/widen": [*({"path": "seed", name: HERE} for name in ("path", "side", "runs")), HERE],
    "POST /groups/{id}/more": [*({"runs": 2, name: HERE} for name in ("runs", "near")), HERE],
    "POST /runs/{id}/remedy": [{"finding": HERE}, {"finding": "linear stack", "remedy": HERE}, HERE],
    "POST /experiments/{name}": [
        *({"configuration": {**RUN, name: HERE}} for name in ("task", "network", "optimizer", "data", "batch_size", "strange")),
        {"configuration": {**RUN, "optimizer": {"name": "Adam", "learning_rate": HERE}}},
        {"configuration": HERE},
        {"run": HERE},
        HERE,
    ],
    "POST /runs/{id}/predict": [
        {"inputs": HERE},
        {"inputs": [HERE]},
        {"inputs": [[HERE, 1]]},
        {"inputs": [[0, 1], [0, HERE]]},
        {"inputs": [[0, 1]], "step": HERE},
    ],
    "POST /runs/{id}/follow": [
        *({"image": image} for image in (HERE, [HERE], [[0, HERE]])),
        *({"strokes": strokes} for strokes in (HERE, [HERE], [[HERE]], [[[0, HERE]]])),
        *({"strokes": [[[0, 1]]], name: HERE} for name in ("pen", "step")),
    ],
    "POST /runs/{id}/one_step/nudge": [
        *(
            {"step": 0, "position": 0, "name": "W", "index": [0, 0], name: HERE}
            for name in ("step", "position", "name", "index")
        ),
        {"position": 0, "name": "W", "index": [0, HERE]},
        HERE,
    ],
    "POST /lessons/read": [{"text": HERE}, HERE],
    "POST /lessons/goal": [
        *({"name": "optimizers", "step": 1, "run": "f", name: HERE} for name in ("name", "text", "step", "run", "other")),
        HERE,
    ],
    "PUT /class": [{"text": HERE}, HERE],
    "POST /class/students": [{"name": HERE}, HERE],
    "POST /class/goals": [
        *({"key": "f", "step": 1, "run": "f", name: HERE} for name in ("key", "step", "run", "other")),
        HERE,
    ],
}
"""Of each call with a body in JSON: the places in it."""


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("odd"), NN_BASICS_MAX_PARAMETERS="20000", NN_BASICS_UNDO_SECONDS="0")
    yield server
    said = server.end()
    assert "Traceback" not in said, said


@pytest.fixture(scope="module")
def api(odd: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{odd.url}/api", timeout=30) as client:
        yield client


@pytest.fixture(scope="module")
def ids(api: httpx.Client) -> dict[str, str]:
    """A run that has a history, a race, a search, and data that somebody brought."""
    run = create(api, steps=20)["id"]
    wait_for(api, run, lambda run: run["status"] == "finished")
    race = {"kind": "race", "base": RUN, "axes": [{"path": "seed", "values": [1, 2]}], "start": False}
    dataset = api.post("/datasets/table", content=TABLE, headers={"content-type": "application/octet-stream"})
    search = {**race, "kind": "sweep", "search": {"how": "grid"}}
    race, search = (api.post("/groups", json=group).json()["id"] for group in (race, search))
    return {"runs": run, "groups": race, "searches": search, "datasets": dataset.json()["id"]}


def state(api: httpx.Client) -> list[Any]:
    return [api.get(f"/{what}").json() for what in ("runs", "groups", "datasets", "data/mnist")]


def checked(answer: httpx.Response) -> dict[str, Any]:
    """Look at a refusal: it is in words, and every client can read and write it."""
    assert 400 <= answer.status_code < 500, (answer.request.url.path[-60:], answer.request.content[:300], answer.text[:300])
    error = json.loads(answer.content.decode("utf-8"))["error"]
    json.dumps(error, ensure_ascii=False).encode("utf-8")
    assert error["message"]
    assert len(error["message"]) < 1_500
    return error


def written(place: Any, odd: str | bytes) -> bytes:
    before, after = json.dumps(place).encode().split(f'"{HERE}"'.encode())
    return before + (odd if isinstance(odd, bytes) else odd.encode()) + after


def test_every_call_with_a_json_body_is_here_with_all_its_fields(api: httpx.Client) -> None:
    described = api.get("/openapi.json").json()
    found = {
        name: operation["requestBody"]["content"]["application/json"]["schema"]
        for name, operation in operations(described).items()
        if "application/json" in operation.get("requestBody", {}).get("content", {})
    }
    assert set(found) == set(PLACES)
    for name, schema in found.items():
        if "$ref" in schema:
            properties = described["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["properties"]
            assert set(properties) <= {key for place in PLACES[name] if place != HERE for key in place}, name


@pytest.mark.parametrize("call", PLACES)
def test_odd_values_in_every_place_of_a_body_are_refused_and_change_nothing(
    api: httpx.Client, ids: dict[str, str], call: str
) -> None:
    method, _, path = call.partition(" ")
    path = path.replace("{id}", ids["searches" if "groups" in path else "runs"]).replace("{name}", "check-up")
    every = {"POST /runs": 6, "POST /groups": 2, "POST /runs/{id}/fork": 2}.get(call, 1)
    # of many places of one kind each gets a part of the values, in turn
    before = state(api)
    for k, place in enumerate(PLACES[call]):
        is_whole = HERE not in json.dumps(place)  # what is odd stands in it already
        for name, value in [("zero below zero", "")] if is_whole else list(ODD.items())[k % every :: every]:
            body = json.dumps(place).encode() if is_whole else written(place, value)
            answer = api.request(method, path, content=body, headers={"content-type": "application/json"})
            if answer.status_code < 300:  # what happens to be allowed there, as -0 where 0 is
                assert name in ("zero below zero", "20 digits") or call == "POST /runs/{id}/predict", (
                    place,
                    name,
                    answer.text[:300],
                )
                if method == "POST" and not any(what in path for what in ("/predict", "/experiments", "/nudge")):
                    api.delete(f"/{path.split('/')[1] if 'groups' in path else 'runs'}/{answer.json()['id']}")
                    continue
                before = state(api)
                continue
            error = checked(answer)
            if "5,000" in name and place != HERE:
                assert error["field"], (place, error)
        if k % 10 == 9 or place is PLACES[call][-1]:
            assert state(api) == before, f"one of the ten places up to {place}"


def odd_texts() -> dict[str, str]:
    return {
        "half a character": "%ED%A0%80",
        "5,000 digits": LONG,
        "-5,000 digits": f"-{LONG}",
        "400 digits": "9" * 400,
        "20 digits": "9" * 20,
        "beyond a float": "1e999",
        "no number": "NaN",
        "zero below zero": "-0",
        "brackets": quote("[" * 5_000),
        "zero byte": "%00",
    }


def test_odd_values_in_every_path_and_query_are_answered(api: httpx.Client, ids: dict[str, str]) -> None:
    calls = 0
    for call, operation in operations(api.get("/openapi.json").json()).items():
        method, _, path = call.partition(" ")
        if call == "POST /data/mnist":
            continue  # the download would leave this machine
        resource = path.split("/")[1]
        for parameter in operation.get("parameters", []):
            before = state(api)
            for name, text in odd_texts().items():
                real = ids.get(resource, "none")
                if parameter["in"] == "path":
                    real, query = (text, "") if parameter["name"] == "id" else (real, "")
                    url = path.replace("{id}", real).replace(f"{{{parameter['name']}}}", text)
                else:
                    url, query = path.replace("{id}", real), f"?{parameter['name']}={text}"
                url = url.replace("{step}", "0").replace("{name}", "metrics.csv")
                if method == "DELETE" and parameter["in"] != "path":
                    continue
                content = TABLE if path == "/datasets/table" else b"{}"
                answer = api.request(method, url + query, content=content if method != "GET" else None)
                calls += 1
                assert answer.status_code < 500, (call, parameter["name"], name, answer.text[:300])
                if answer.status_code >= 400:
                    checked(answer)
            after = state(api)
            assert after[:2] == before[:2], (call, parameter["name"])
    assert calls > 200


def test_a_long_number_is_refused_with_its_field_its_length_and_what_is_allowed(api: httpx.Client) -> None:
    headers = {"content-type": "application/json"}
    for place, field, allowed in (
        ({**RUN, "steps": HERE}, "steps", "1 to 1e+07"),
        ({**RUN, "network": [{"layer": "Dense", "units": HERE}, {"layer": "Dense"}]}, "network.0.units", "1 to 4096"),
        ({**RUN, "optimizer": {"name": "Adam", "learning_rate": HERE}}, "optimizer.learning_rate", " to 10"),
    ):
        error = checked(api.post("/runs", content=written(place, LONG), headers=headers))
        assert error["field"] == field
        assert "a number of 5,000 digits" in error["message"]
        assert allowed in error["message"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"task": "xor",\n "steps": }', 'line 2, character 11, after "steps"'),
        (b'{"task": "xor",\n "steps": 5,', "line 2, character 13"),
        (b'{"task": "xor"', 'line 1, character 15, after "task"'),
        (b'{"name": "\xc3\xa4", "note": "\xff"}', 'no text in UTF-8, at line 1, character 24, after "note"'),
        (b'{"name": "\xed\xa0\x80"}', 'no text in UTF-8, at line 1, character 11, after "name"'),
        (b'{"steps": ' + LONG.encode() + b', "name": ', 'after "name"'),
    ],
)
def test_of_a_body_that_is_broken_a_person_finds_the_place(api: httpx.Client, body: bytes, words: str) -> None:
    error = checked(api.post("/runs", content=body, headers={"content-type": "application/json"}))
    assert words in error["message"]


def test_a_body_is_read_as_deep_as_is_allowed_and_whole_characters_pass() -> None:
    deep = "[" * MOST_DEPTH + "]" * MOST_DEPTH
    assert json.dumps(read_json(deep.encode())) == deep
    assert json.dumps(read_json(f'{{"a": {deep}}}'.encode())["a"]) == deep
    with pytest.raises(Exception, match="a: lists and objects may stand in each other 64 deep"):
        read_json(f'{{"b": [], "a": [{deep}]}}'.encode())
    assert read_json(b'["\\ud83d\\ude00", "\\u00e4", 12345678901234567890123]') == ["😀", "ä", 12345678901234567890123]


def test_a_long_name_of_nothing_is_not_repeated_as_a_whole(api: httpx.Client) -> None:
    refused = api.post("/runs", json={"task": "9" * 5000})
    assert refused.status_code == 422
    assert len(refused.json()["error"]["message"]) < 500


def test_data_with_odd_names_and_numbers_are_shown_or_refused(api: httpx.Client, ids: dict[str, str]) -> None:
    """A tar's names may be no text, and a table's cells anything."""
    rows = [f"{k},{k % 7}.5,{LONG if k == 3 else k},{'NaN' if k % 2 else '1e999'},{'xy'[k % 2]}" for k in range(40)]
    for head in (b"a,b,c,d,kind", b"\xed\xa0\x80,\xff,c,d,kind", f"{LONG},NaN,-0,1e999,{'[' * 50}".encode()):
        answer = api.post("/datasets/table?name=%ED%A0%80", content=head + b"\n" + "\n".join(rows).encode())
        assert answer.status_code in (201, 422), answer.text
        if answer.status_code == 201:
            assert api.get(f"/datasets/{answer.json()['id']}").json()["columns"]
            api.delete(f"/datasets/{answer.json()['id']}")
        else:
            checked(answer)
    for folder in (b"\xff\xfe", b"\xed\xa0\x80"):
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as tar:
            for k in range(8):
                png = io.BytesIO()
                Image.new("L", (9, 9), k * 20).save(png, "PNG")
                name = (folder if k % 2 else b"b").decode("utf-8", "surrogateescape")
                info = tarfile.TarInfo(f"{name}/{k}.png")
                info.size = len(png.getvalue())
                tar.addfile(info, io.BytesIO(png.getvalue()))
            tar.addfile(info := tarfile.TarInfo(f"{name}/broken\udcff.png"), io.BytesIO())
            info.size = 3
            tar.addfile(info, io.BytesIO(b"abc"))
        answer = api.post("/datasets/images", content=packed.getvalue())
        assert answer.status_code in (201, 422), answer.text
        assert api.get("/datasets").status_code == 200
        if answer.status_code == 201:
            id = answer.json()["id"]
            assert api.get(f"/datasets/{id}").status_code == 200
            run = create(
                api, task="images", data={"dataset": id}, start=False, network=[{"layer": "Flatten"}, {"layer": "Dense"}]
            )
            assert api.get("/runs").status_code == 200
            api.delete(f"/runs/{run['id']}")
            api.delete(f"/datasets/{id}")
