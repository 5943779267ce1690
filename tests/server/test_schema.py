"""The API's description is whole, holds all paths of 0.3.0, and tells the truth: real answers of all calls are as it says."""

import io
import json
import re
import zipfile
from typing import Any

import httpx
import numpy as np
import pytest
import schemathesis
from PIL import Image
from pydantic import TypeAdapter, ValidationError
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from engine.explain.experiments import EXPERIMENTS
from engine.optimizers import OPTIMIZERS
from server.api.models import fields
from server.page.files import FRONTEND
from tests.conftest import Server
from tests.fixtures.version_0_3_0 import WROTE
from tests.samples import TABLE
from tests.server.api import create, wait_for

CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture(scope="module")
def described(server: Server) -> dict[str, Any]:
    return httpx.get(f"{server.url}/api/openapi.json").json()


def operations(described: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path.removeprefix('/api')}": operation
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    }


def test_all_calls_of_0_3_0_are_there(described: dict[str, Any]) -> None:
    calls = {call.replace(" /api", " ") for call in WROTE["calls"]}
    assert len(calls) == 41
    assert calls <= set(operations(described))


def test_every_call_has_a_model_for_its_answer_a_description_and_a_tag(described: dict[str, Any]) -> None:
    for name, operation in operations(described).items():
        assert operation["description"].endswith((".", "?")), name
        assert len(operation["tags"]) == 1, name
        answers = {status: answer for status, answer in operation["responses"].items() if status.startswith("2")}
        assert len(answers) == 1, name
        for status, answer in answers.items():
            schemas = [content["schema"] for content in answer.get("content", {}).values()]
            assert schemas or status == "204", name
            assert all(schema.keys() & {"$ref", "type", "oneOf"} for schema in schemas), name
        assert operation["responses"]["404"]["content"]["application/json"]["schema"]["$ref"].endswith("/Refusal"), name
        body = operation.get("requestBody", {}).get("content", {})
        assert all(content["schema"] for content in body.values()), name


TYPES = {
    "Run": ["RunDescription"],
    "Configuration": ["Configuration"],
    "Catalog": ["Catalog"],
    "TaskEntry": ["TaskEntry"],
    "Term": ["TermEntry"],
    "Goal": ["GoalEntry"],
    "Owner": ["Entry", "LayerEntry", "OptimizerEntry", "LossEntry"],
    "Field": ["FieldEntry"],
    "Group": ["GroupOrSearch"],
    "Trial": ["Trial"],
    "SearchStanding": ["Search"],
    "Table": ["Table"],
    "Images": ["Images"],
    "DatasetEntry": ["DatasetEntry"],
    "Outcome": ["ExperimentOutcome"],
    "TableColumn": ["engine__data__tables__column__Column"],
}
"""The page's types, and the models of what the calls answer."""


@pytest.mark.parametrize("name", TYPES)
def test_the_pages_types_say_of_an_answer_only_what_is_in_it(name: str, described: dict[str, Any]) -> None:
    comments = re.findall(r"/\*\*.*?\*/", (FRONTEND / "state" / "types.js").read_text(encoding="utf-8"), re.S)
    [comment] = [comment for comment in comments if f"@typedef {{object}} {name}\n" in comment]
    said = set(re.findall(r"@property \{.*?\} \[?(\w+)", comment))
    models = [described["components"]["schemas"][model] for model in TYPES[name]]
    assert said
    assert said <= {field for model in models for field in model["properties"]}


def test_what_stood_under_the_old_paths_still_does_and_is_marked(described: dict[str, Any]) -> None:
    old = {name for name, operation in operations(described).items() if operation.get("deprecated")}
    assert old == {"GET /runs/{id}/film", "GET /runs/{id}/film/{step}", "GET /runs/{id}/stories"}


def test_the_old_paths_of_the_history_answer_as_the_new_ones(api: httpx.Client) -> None:
    id = create(api, steps=200)["id"]
    wait_for(api, id, lambda run: run["status"] == "finished")
    for old, new in (
        ("film", "history"),
        ("film/100?names=network", "history/100?names=network"),
        ("stories", "history/examples"),
    ):
        was, now = api.get(f"/runs/{id}/{old}"), api.get(f"/runs/{id}/{new}")
        assert was.status_code == now.status_code == 200
        assert was.content == now.content, old
        assert was.headers["content-type"] == now.headers["content-type"]
    assert json.loads(api.get(f"/runs/{id}/history").content)["steps"][-1] == 200


class Declared:
    """A client whose every answer is checked against the API's description, and that remembers which calls it made."""

    def __init__(self, server: Server, api: httpx.Client) -> None:
        schema = schemathesis.openapi.from_url(f"{server.url}/api/openapi.json", timeout=60)
        self.operations = {found.ok().label.replace(" /api", " "): found.ok() for found in schema.get_all_operations()}
        self.api = api
        self.made: set[str] = set()

    def __call__(
        self,
        label: str,
        status: int = 200,
        id: str = "",
        step: int = 0,
        name: str = "",
        number: int = 0,
        layer: int = 0,
        **said: Any,
    ) -> httpx.Response:
        method, path = label.split(" ")
        answer = self.api.request(method, path.format(id=id, step=step, name=name, number=number, layer=layer), **said)
        assert answer.status_code == status, answer.text
        case = self.operations[label].Case()
        case.validate_response(schemathesis.Response.from_httpx(answer, verify=False), checks=CHECKS)
        self.made.add(label)
        return answer


def a_zip_of_images() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for k in range(12):
            image = io.BytesIO()
            Image.fromarray(np.full((28, 28), 20 * k, np.uint8)).save(image, "PNG")
            file.writestr(f"{'ab'[k % 2]}/{k}.png", image.getvalue())
    return archive.getvalue()


def look_into_a_step(call: Declared, id: str) -> None:
    stops = call("GET /runs/{id}/one_step", id=id).json()["stops"]
    assert {stop["way"] for stop in stops} == {"forward", "loss", "backward", "update"}
    there = {"stop": "0.forward", "symbol": "y"}
    call("GET /runs/{id}/one_step/array", id=id, params=there)
    call("GET /runs/{id}/one_step/cell", id=id, params={**there, "index": "0,3"})
    call("GET /runs/{id}/one_step/code", id=id, params={"stop": "0.backward"})
    call("GET /runs/{id}/one_step/parameter", id=id, params={"k": 3})
    call("POST /runs/{id}/one_step/nudge", id=id, json={"position": 0, "name": "W", "index": [0, 3]})


def test_real_answers_of_all_calls_are_as_declared(server: Server, api: httpx.Client) -> None:
    call = Declared(server, api)
    for name in ("catalog", "health", "watchers", "data/mnist"):
        call(f"GET /{name}")
    call("GET /catalog/source", params={"kind": "layers", "name": "Dense"})
    call("GET /qr", params={"text": "https://example.org/"})
    name = call("GET /lessons").json()[0]["name"]
    text = call("GET /lessons/{name}", name=name).json()["text"]
    call("POST /lessons/read", json={"text": text})
    call("GET /class")
    call("PUT /class", json={"text": text})

    id = call("POST /runs", 201, json={"task": "spiral", "steps": 100_000, "start": False}).json()["id"]
    call("POST /runs/{id}/step", id=id)
    call("POST /runs/{id}/resume", id=id)
    wait_for(api, id, lambda run: run["step"] > 50)
    call("GET /runs/{id}", id=id)
    call("POST /runs/{id}/pause", id=id)
    call("PATCH /runs/{id}", id=id, json={"tags": ["b"], "optimizer": {"learning_rate": 0.02}, "name": "a", "speed": 1000})
    call("POST /runs/{id}/stop", id=id)
    call("POST /lessons/goal", json={"name": name, "step": 1, "run": id})
    key = call("POST /class/students", 201, json={"name": "Ada"}).json()["key"]
    call("POST /class/goals", json={"key": key, "step": 1, "run": id})
    call("DELETE /class/students/{number}", 204, number=1)
    call("DELETE /class", 204)
    call("GET /runs/{id}/metrics", id=id)
    call("POST /runs/{id}/predict", id=id, json={"inputs": [[0, 0]]})
    call("GET /runs/{id}/parameters/{layer}", id=id, layer=0, params={"part": 2})
    call("GET /runs/{id}/fits", id=id, params={"before": 1})
    look_into_a_step(call, id)
    for old, new in (("film", "history"), ("stories", "history/examples")):
        steps = call("GET /runs/{id}/history", id=id).json()["steps"]
        for path in (old, new):
            call(f"GET /runs/{{id}}/{path}", id=id)
        for path in ("film", "history"):
            call(f"GET /runs/{{id}}/{path}/{{step}}", id=id, step=steps[-1], params={"names": "decision boundary"})
    for name in ("script.py", "metrics.csv", "weights.npz", "weights.safetensors"):
        weights = call("GET /runs/{id}/export/{name}", id=id, name=name).content
    call("GET /runs/{id}/export/replay.html", id=id)
    other = call("POST /runs/{id}/fork", 201, id=id, json={"step": steps[0], "changes": {"seed": 8}, "start": False}).json()[
        "id"
    ]
    call("POST /runs/{id}/weights", id=other, content=weights)
    call("DELETE /runs/{id}", 204, id=id)
    call("POST /runs/{id}/restore", id=id)
    call("GET /runs/{id}/findings", id=id)
    straight = create(api, network=[{"layer": "Dense", "units": 8}, {"layer": "Dense", "units": 3}], start=False)["id"]
    call("POST /runs/{id}/remedy", 201, id=straight, json={"finding": "linear stack"})
    call("GET /runs/{id}/findings", id=straight)
    digits = create(api, task="mnist", start=False)["id"]
    call("POST /runs/{id}/follow", id=digits, json={"image": [[0, 255], [255, 0]]})
    numbers = create(api, task="sine", start=False)["id"]
    call("POST /runs/{id}/predict", id=numbers, json={"inputs": [[0]]})

    for name in EXPERIMENTS:
        call("POST /experiments/{name}", name=name, json={"configuration": {"task": "sine"}})

    axes = [{"path": "batch_size", "values": [10, 20]}]
    sweep = {"kind": "sweep", "base": {"task": "xor", "steps": 100_000}, "axes": axes, "start": False}
    group = call("POST /groups", 201, json=sweep).json()["id"]
    call("GET /runs")
    call("GET /runs", params={"columns": "name,status,learning_rate", "filter": "task = xor", "order": "-created"})
    call("GET /runs/columns")
    call("GET /runs/groups", params={"by": "sweep", "filter": "task = xor"})
    call("POST /runs/import", 201, content=b"step,loss\n0,2.5\n10,1.5\n", params={"name": "theirs"})
    call("GET /compare/metrics.csv", params={"runs": id})
    call("GET /compare/comparison.html", params={"runs": f"{id},{other}"})
    many = [run["id"] for run in api.get("/runs").json() if run["group"]]
    call("PATCH /runs", json={"ids": many, "changes": {"add_tags": ["a"], "note": "b"}})
    call("POST /runs/delete", json={"ids": [id, "none"]})
    call("POST /runs/restore", json={"ids": [id, "none"]})
    call("GET /groups")
    for order in ("resume", "pause", "stop"):
        call(f"POST /groups/{{id}}/{order}", id=group)
    call("GET /groups/{id}", id=group)
    call("GET /groups/{id}/export/metrics.csv", id=group)
    call("DELETE /groups/{id}", 204, id=group)
    assert {way["how"] for way in call("GET /searches").json()} > {"grid", "random", "halving"}
    more = {"base": {"task": "xor", "steps": 20}, "axes": [{"path": "batch_size", "low": 5, "high": 8}], "start": True}
    searched = call("POST /groups", 201, json={**sweep, **more, "search": {"how": "random", "runs": 3}}).json()["id"]
    call("POST /groups/{id}/more", id=searched, json={"runs": 1})
    call("POST /groups/{id}/widen", id=searched, json={"path": "batch_size", "side": "high", "runs": 1})
    call("GET /groups/{id}", id=searched)
    call("GET /groups")
    call("DELETE /groups/{id}", 204, id=searched)

    bytes_ = {"content-type": "application/octet-stream"}
    table = call("POST /datasets/table", 201, content=TABLE.encode(), headers=bytes_).json()["id"]
    images = call("POST /datasets/images", 201, content=a_zip_of_images(), headers=bytes_).json()["id"]
    call("GET /datasets")
    for dataset in (table, images):
        call("GET /datasets/{id}", id=dataset)
        call("DELETE /datasets/{id}", 204, id=dataset)
        call("POST /datasets/{id}/restore", id=dataset)
        api.delete(f"/datasets/{dataset}")
    assert set(call.operations) - call.made == {"POST /data/mnist"}, "the download alone would leave this machine"


def test_only_the_models_that_a_request_names_are_built_and_the_schema_has_all() -> None:
    kinds = fields.named(OPTIMIZERS)
    one_of = kinds.__metadata__[0]
    adapter = TypeAdapter(kinds)
    assert not one_of._built
    assert adapter.validate_python({"name": "Adam", "learning_rate": 0.1}).model_dump(exclude_unset=True) == {
        "name": "Adam",
        "learning_rate": 0.1,
    }
    assert set(one_of._built) == {"Adam"}
    wrong = {"union_tag_invalid": {"name": "Adam?"}, "union_tag_not_found": {}, "model_attributes_type": []}
    for kind, said in wrong.items():
        with pytest.raises(ValidationError) as refused:
            adapter.validate_python(said)
        assert refused.value.errors()[0]["type"] == kind
    schema = adapter.json_schema()
    assert set(schema["discriminator"]["mapping"]) == set(OPTIMIZERS) == set(one_of._built)
