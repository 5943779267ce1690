"""The run that a page begins with, made before the calls are there that make any."""

import json
from typing import Any

from starlette.datastructures import State
from starlette.responses import JSONResponse

from engine import configure
from engine.tasks import TASKS
from engine.training.check import MOST_LAYERS
from server.api.opening.asking import begun, described
from server.runs.limits import check_size
from server.runs.registry import Launch, Registry


async def first_run(body: bytes, state: State) -> JSONResponse | None:
    """Answer the request of a run that is right, as POST /api/runs would; None for any other, which that call judges."""
    registry: Registry = state.registry
    if body.count(b"{") + body.count(b"[") > MOST_LAYERS or b"\\" in body:  # so many parts, or an escape: no page's first run
        return None
    try:
        said = json.loads(body.decode())  # bytes may be UTF-16, which that call does not read
        speed, start = said.pop("speed", None), said.pop("start", True)
        configuration = configure(said, registry.folders)
        check_size(configuration, state.settings, registry.folders)
    except Exception:  # whatever it is, that call says it in words
        return None
    if speed not in (None, TASKS[configuration.task].watching_speed):
        return None
    if not isinstance(start, bool) or not is_in(said, configuration.as_dict()):
        return None
    run = registry.create(configuration, Launch(speed=speed and float(speed), start=start))
    await begun(registry, [run])
    return await described(run, 201)


def is_in(said: Any, chosen: Any) -> bool:
    """Tell whether what JSON says stands so in what was chosen; 1 is 1.0 there, but 1.0 is not 1, and neither is true."""
    if isinstance(said, dict) and isinstance(chosen, dict):
        return all(name in chosen and is_in(value, chosen[name]) for name, value in said.items())
    if isinstance(said, list) and isinstance(chosen, list):
        return len(said) == len(chosen) and all(map(is_in, said, chosen))
    kinds = type(said), type(chosen)
    return (kinds[0] is kinds[1] or kinds == (int, float)) and bool(said == chosen)
