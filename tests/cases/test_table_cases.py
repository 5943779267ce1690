"""Small tables of every kind that people bring: each is read right, or refused with what to do."""

from typing import Any

import httpx
import pytest

from tests.cases.expectations import CASES, EXPECTED, differences
from tests.conftest import Server

TABLES = [name for name in EXPECTED if name.startswith("tables/")]


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_read_as_its_owner_means_it(name: str, server: Server) -> None:
    expected, data = EXPECTED[name], (CASES / name).read_bytes()
    with httpx.Client(base_url=f"{server.url}/api") as api:

        def bring(**chosen: str) -> tuple[int, dict[str, Any]]:
            reply = api.post("/datasets/table", params={"name": name.partition("/")[2], **chosen}, content=data)
            return reply.status_code, reply.json()

        status, answer = bring()
        found = differences(expected, status, answer)
        if found and "again" in expected:
            status, answer = bring(**expected["again"])
            found = differences(expected, status, answer)
        assert not found
        if status != 201:
            return
        names = [column["name"] for column in answer["columns"]]
        for target, features in expected.get("trains", []):
            chosen = {"target_column": names.index(target), "features": ".".join(str(names.index(one)) for one in features)}
            task = "numbers" if expected.get("task") == "numbers" else "table"
            reply = api.post("/runs", json={"task": task, "data": {"dataset": answer["id"], **chosen}})
            assert reply.status_code == 201, reply.text
            api.delete(f"/runs/{reply.json()['id']}")
        api.delete(f"/datasets/{answer['id']}")
