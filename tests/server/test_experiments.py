"""The experiments over the API: what they answer, what they refuse, and that nothing waits for them."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import numpy as np
import pytest
from starlette.requests import ClientDisconnect

import engine as nn
from engine.explain.experiments import EXPERIMENTS
from engine.explain.experiments.outcome import Outcome, Statement
from engine.training.weights import named_arrays, to_npz
from server.api.experiments import WAITING, Experiments
from server.runs.registry import TooManyError
from tests.server.api import create, run_apart, wait_for


def tried(api: httpx.Client, name: str, **body: Any) -> dict[str, Any]:
    reply = api.post(f"/experiments/{name}", json=body)
    assert reply.status_code == 200, reply.text
    return reply.json()


def test_the_server_answers_what_the_engine_finds(api: httpx.Client) -> None:
    for name, experiment in EXPERIMENTS.items():
        *_, expected = experiment(nn.configure({"task": "xor", "seed": 3}), None)
        assert isinstance(expected, Outcome)
        found = tried(api, name, configuration={"task": "xor", "seed": 3})
        if name == "find-the-rate":  # how long each rate is tried depends on the time that there is
            assert found["lines"][:2] == expected.as_dict()["lines"][:2]
            assert found["suggestion"] > 0
        else:
            assert found == {**expected.as_dict(), "evidence": dict(expected.evidence), "marks": dict(expected.marks)}


def test_an_experiment_with_a_run_has_its_choices_and_its_first_weights_and_leaves_it_as_it_is(api: httpx.Client) -> None:
    id = create(api, task="xor", start=False)["id"]
    arrays = named_arrays(nn.Training(nn.configure({"task": "xor"})).network)
    zeros = to_npz({name: np.zeros_like(array) for name, array in arrays.items()})
    assert api.post(f"/runs/{id}/weights", content=zeros).status_code == 200
    assert "all examples get the same answer" in tried(api, "check-up", run=id)["statements"][1]["sentence"]
    api.patch(f"/runs/{id}", json={"optimizer": {"learning_rate": 0.5}})
    before = api.get(f"/runs/{id}").json()
    assert tried(api, "find-the-rate", run=id)["evidence"]["chosen"] == 0.5
    assert api.get(f"/runs/{id}").json() == before


def test_what_is_wrong_is_said_in_words(api: httpx.Client) -> None:
    def refused(status: int, name: str = "check-up", **body: Any) -> dict[str, Any]:
        reply = api.post(f"/experiments/{name}", json=body)
        assert reply.status_code == status, reply.text
        return reply.json()["error"]

    assert (
        "choose check-up, overfit-one-batch, find-the-rate" in refused(404, "guess", configuration={"task": "xor"})["message"]
    )
    assert "one of the two" in refused(422)["message"]
    assert "one of the two" in refused(422, configuration={"task": "xor"}, run="a")["message"]
    assert "there is no run 'nobody'" in refused(404, run="nobody")["message"]
    assert refused(422, configuration={"task": "xor", "batch_size": 0})["field"] == "batch_size"
    wide = [{"layer": "Dense", "units": 4096}] * 3
    assert (
        "this server allows" in refused(422, configuration={"task": "xor", "network": [*wide, {"layer": "Dense"}]})["message"]
    )


def test_runs_and_pages_go_on_meanwhile(api: httpx.Client) -> None:
    id = create(api, steps=1_000_000)["id"]
    wait_for(api, id, lambda run: run["step"] > 0)
    with ThreadPoolExecutor(1) as thread:
        body = {"configuration": {"task": "autoencoder"}}
        reply = thread.submit(httpx.post, f"{api.base_url}experiments/find-the-rate", json=body, timeout=60)
        before = api.get(f"/runs/{id}").json()["step"]
        wait_for(api, id, lambda run: run["step"] > before)
        assert not reply.done()
        assert reply.result().status_code == 200
    assert api.get(f"/runs/{id}").json()["status"] == "running"


def endless(begun: threading.Event) -> Iterator[nn.Stepped | Outcome]:
    step = 0
    while True:
        begun.set()
        yield nn.Stepped(step := step + 1)


def test_one_goes_on_at_a_time_whoever_leaves_ends_his_own_and_too_many_are_refused() -> None:
    async def never() -> bool:
        return False

    async def at_once() -> bool:
        return True

    async def work() -> None:
        queue, begun, left = Experiments(), threading.Event(), asyncio.Event()

        async def is_gone() -> bool:
            return left.is_set()

        done = Outcome("check-up", [Statement("good", "All is well.")])
        first = asyncio.create_task(queue.carry_out(lambda: endless(begun), is_gone))
        await asyncio.to_thread(begun.wait)
        others = [asyncio.create_task(queue.carry_out(lambda: iter([done]), never)) for _ in range(WAITING)]
        await asyncio.sleep(0)
        with pytest.raises(TooManyError, match="come again in some seconds"):
            await queue.carry_out(lambda: iter([done]), never)
        assert not any(other.done() for other in others)
        left.set()
        with pytest.raises(ClientDisconnect):
            await first
        assert await asyncio.gather(*others) == [done] * WAITING
        with pytest.raises(ClientDisconnect):
            await queue.carry_out(lambda: iter([done]), at_once)

    run_apart(work())
