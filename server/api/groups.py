"""The calls about races and sweeps: make all their runs or none, order them together, take their rows away."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Body
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import TypeAdapter, ValidationError

from engine import Configuration, configure
from server.api.errors import NotFoundError
from server.api.schemas import GroupRequest, RunRequest
from server.messages import finite
from server.runs.description import describe
from server.runs.groups import RACERS, combinations, groups, members, membership, metrics_csv, new_group, with_values
from server.runs.limits import check_size
from server.runs.registry import Runs
from server.runs.run import ConflictError, Run
from server.settings import Settings

REQUEST: TypeAdapter[Any] = TypeAdapter(RunRequest)


class GroupCalls:
    """What can be asked of runs that belong together."""

    def __init__(self, runs: Runs, settings: Settings) -> None:
        self._runs, self._settings = runs, settings

    def routes(self) -> APIRouter:
        """Give each call its path."""
        router = APIRouter(prefix="/groups")
        router.add_api_route("", self.create, methods=["POST"], status_code=201)
        router.add_api_route("", self.every, methods=["GET"])
        router.add_api_route("/{id}", self.get, methods=["GET"])
        router.add_api_route("/{id}", self.delete, methods=["DELETE"], status_code=204, response_class=Response)
        router.add_api_route("/{id}/export/metrics.csv", self.export, methods=["GET"], response_class=Response)
        for name, order in (("pause", Run.pause), ("resume", Run.resume), ("stop", Run.stop)):
            router.add_api_route(f"/{{id}}/{name}", self.command(order), methods=["POST"], name=f"{name} all")
        return router

    async def create(self, body: Annotated[GroupRequest, Body()]) -> JSONResponse:
        """Make all runs of a race or a sweep, or none of them."""
        base, paths = configure(self._request(body.base)).as_dict(), [axis.path for axis in body.axes]
        most = RACERS if body.kind == "race" else self._settings.max_sweep
        values = combinations(body.kind, [axis.values for axis in body.axes], most)
        checked = [(self._configured(with_values(base, paths, at)), list(at)) for at in values]
        made = await asyncio.to_thread(self._make, body, checked)
        return JSONResponse(finite(told(made)), 201)

    def _request(self, said: dict[str, Any]) -> dict[str, Any]:
        try:
            request: dict[str, Any] = REQUEST.validate_python(said).model_dump(exclude_unset=True)
        except ValidationError as error:
            raise RequestValidationError(error.errors()) from error
        return {name: value for name, value in request.items() if name not in ("name", "note", "speed", "start")}

    def _configured(self, request: dict[str, Any]) -> Configuration:
        configuration = configure(self._request(request))
        check_size(configuration, self._settings)
        return configuration

    def _make(self, body: GroupRequest, checked: list[tuple[Configuration, list[Any]]]) -> list[Run]:
        configurations, values = [one for one, _ in checked], [at for _, at in checked]
        states = new_group(body.kind, [axis.path for axis in body.axes], values)
        wanted = list(zip(configurations, states, strict=True))
        return self._runs.create_all(wanted, body.speed, body.start)

    async def every(self) -> JSONResponse:
        """Give all races and sweeps, oldest first."""
        return JSONResponse(finite(groups(self._runs.all())))

    async def get(self, id: str) -> JSONResponse:
        """Give one, with its runs."""
        return JSONResponse(finite(told(self._find(id))))

    async def delete(self, id: str) -> None:
        """Delete all its runs; each can be restored for a while."""
        for run in self._find(id):
            self._runs.delete(run)

    async def export(self, id: str) -> Response:
        """Give the rows of all its runs in one table."""
        runs = self._find(id)
        content = await asyncio.to_thread(metrics_csv, runs)
        name = f"{runs[0].configuration.task}-{membership(runs[0]).kind}-{id}.csv"
        return Response(content, media_type="text/csv", headers={"content-disposition": f'attachment; filename="{name}"'})

    def command(self, order: Callable[[Run], None]) -> Callable[..., Any]:
        """Make the call that gives one order to all runs whose status allows it."""

        async def call(id: str) -> JSONResponse:
            runs = self._find(id)
            for answer in [asyncio.wrap_future(run.ask(lambda run=run: order(run))) for run in runs]:  # type: ignore[misc]
                with suppress(ConflictError):
                    await answer
            return JSONResponse(finite(told(runs)))

        return call

    def _find(self, id: str) -> list[Run]:
        found = members(self._runs.all(), id)
        if not found:
            raise NotFoundError(f"there is no race or sweep {id!r}")
        return found


def told(runs: list[Run]) -> dict[str, Any]:
    """Describe a group with its runs."""
    return {**groups(runs)[0], "runs": [describe(run) for run in runs]}
