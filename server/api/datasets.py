"""The calls about data that a person brings: tables and images, kept on this machine until they are deleted."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from engine import ConfigurationError
from engine.data import datasets, tables
from server.api.errors import NotFoundError
from server.messages import finite
from server.runs.registry import Runs, TooManyError
from server.settings import Settings
from server.storage.archives import read_images
from server.storage.database import StorageError

Name = Annotated[str, Query(max_length=120, description="what the file is called")]
Separator = Annotated[Literal["auto", "comma", "semicolon", "tab", "bar", "space"], Query(description="what parts the cells")]


def body_of(description: str) -> dict[str, Any]:
    """Describe a body of bytes for the API's schema."""
    return {
        "requestBody": {
            "required": True,
            "content": {
                "application/octet-stream": {"schema": {"type": "string", "format": "binary", "description": description}}
            },
        }
    }


class DataCalls:
    """What can be asked about a person's own data."""

    def __init__(self, runs: Runs, settings: Settings) -> None:
        self._runs, self._settings = runs, settings

    def routes(self) -> APIRouter:
        """Give each call its path."""
        router = APIRouter(prefix="/datasets")
        router.add_api_route("", self.every, methods=["GET"])
        router.add_api_route("/table", self.bring_table, methods=["POST"], status_code=201, openapi_extra=body_of("a CSV file"))
        router.add_api_route(
            "/images",
            self.bring_images,
            methods=["POST"],
            status_code=201,
            openapi_extra=body_of("a zip or tar with a folder of images for each class"),
        )
        router.add_api_route("/{id}", self.get, methods=["GET"])
        router.add_api_route("/{id}", self.delete, methods=["DELETE"], status_code=204, response_class=Response)
        router.add_api_route("/{id}/restore", self.restore, methods=["POST"])
        return router

    async def every(self) -> JSONResponse:
        """List what is here, oldest first, without the columns."""
        found = await asyncio.to_thread(lambda: list(datasets.every()))
        used = [str(run.configuration.data.get("dataset") or "") for run in self._runs.all()]
        return JSONResponse(
            finite(
                [
                    {**{k: v for k, v in one.items() if k not in ("columns", "sample", "notes")}, "runs": used.count(one["id"])}
                    for one in found
                ]
            )
        )

    async def bring_table(self, request: Request, name: Name = "table.csv", separator: Separator = "auto") -> JSONResponse:
        """Keep a CSV file; say what its columns are, and what could be learned."""
        data = await request.body()

        def keep() -> dict[str, Any]:
            table = tables.read(data, separator)
            tables.suggest(table.columns)
            about = {
                "kind": "table",
                "name": name,
                "rows": len(table.cells),
                "columns": [asdict(c) for c in table.columns],
                "separator": table.separator,
                "header": table.header,
                "notes": table.notes,
                "sample": table.sample,
            }
            return self._kept(about, {"cells": table.cells})

        return await self._answer(keep)

    async def bring_images(self, request: Request, name: Name = "images.zip") -> JSONResponse:
        """Keep images from a zip or a tar that has a folder for each class."""
        data = await request.body()

        def keep() -> dict[str, Any]:
            arrays, classes, notes = read_images(data)
            about = {"kind": "images", "name": name, "rows": len(arrays["labels"]), "classes": classes, "notes": notes}
            return self._kept(about, arrays)

        return await self._answer(keep)

    def _kept(self, about: dict[str, Any], arrays: dict[str, Any]) -> dict[str, Any]:
        if sum(1 for _ in datasets.every()) >= self._settings.max_datasets:
            raise TooManyError(f"{self._settings.max_datasets} tables and sets of images are kept already; delete some first")
        return datasets.save(about, arrays)

    async def _answer(self, keep: Callable[[], dict[str, Any]]) -> JSONResponse:
        try:
            kept = await asyncio.to_thread(keep)
        except ValueError as error:
            raise ConfigurationError("file", str(error)) from error
        except OSError as error:
            raise StorageError(f"the disk does not take the data ({error.strerror}); make room and bring them again") from error
        return JSONResponse(finite(with_suggestion(kept)), 201)

    async def get(self, id: str) -> JSONResponse:
        """Describe one: its columns with what each can be, its first rows, and what could be learned."""
        return JSONResponse(finite(with_suggestion(self._find(id))))

    async def delete(self, id: str) -> None:
        """Take data away; for some seconds they can be restored."""
        self._find(id)
        await asyncio.to_thread(datasets.delete, id)

    async def restore(self, id: str) -> JSONResponse:
        """Bring back what was deleted just now."""
        try:
            return JSONResponse(finite(with_suggestion(await asyncio.to_thread(datasets.restore, id))))
        except datasets.NotHereError:
            raise NotFoundError(f"there are no data {id[:60]!r} that were deleted just now") from None

    def _find(self, id: str) -> dict[str, Any]:
        try:
            return datasets.about(id)
        except datasets.NotHereError:
            raise NotFoundError(f"there are no data {id[:60]!r}") from None


def with_suggestion(about: dict[str, Any]) -> dict[str, Any]:
    """Add what could be learned: a task with its data."""
    if about["kind"] == "images":
        return {**about, "suggestion": {"task": "images"}}
    return {**about, "suggestion": tables.suggest([tables.Column(**column) for column in about["columns"]])}
