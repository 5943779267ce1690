"""The calls about data: tables and images that a person brings, and the full MNIST."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BeforeValidator
from starlette.requests import ClientDisconnect, HTTPConnection

from engine import ConfigurationError
from engine.data import tables
from engine.data.datasets import DamagedDataError, NotHereError, suggestion
from server.api.dependencies import AllDatasets, AllRuns, AllUploads, Limits
from server.api.errors import REFUSALS, NotFoundError
from server.api.models.requests import body_of
from server.api.models.responses import Dataset, DatasetEntry, DownloadState
from server.messages import finite
from server.runs.registry import TooManyError
from server.settings import Settings
from server.storage.database import StorageError
from server.storage.datasets import Datasets
from server.storage.images.reading import SIDES, Wanted, read_images, read_pixel_table
from server.storage.mnist_download import MNISTDownload
from server.storage.uploads import Check, GoneError, TooSlowError, Uploads

Id = Annotated[str, Path(description="the data's id: the same file has the same one everywhere")]
Name = Annotated[str, Query(max_length=120, description="what the file is called")]
Separator = Annotated[Literal["auto", "comma", "semicolon", "tab", "bar", "space"], Query(description="what parts the cells")]
Side = Annotated[
    Literal[SIDES],  # type: ignore[valid-type]
    BeforeValidator(lambda said: int(said) if str(said).isdecimal() else said),
    Query(description="pixels of a side that every image is brought to"),
]
Colour = Annotated[bool, Query(description="whether images stay in colour, or become grey")]
Level = Annotated[
    int | None, Query(ge=-1, le=1_000, description="which folder is the class: 0 the outermost, −1 the names of the files")
]
Read = tuple[dict[str, Any], dict[str, Any]]
"""What is said of a dataset, and its arrays."""


async def download_of(connection: HTTPConnection) -> MNISTDownload:
    """Give the download of the full MNIST."""
    found: MNISTDownload = connection.app.state.download
    return found


Download = Annotated[MNISTDownload, Depends(download_of)]

router = APIRouter(prefix="/api", responses=REFUSALS, tags=["datasets"])


@router.get("/datasets", response_model=list[DatasetEntry])
async def every(datasets: AllDatasets, runs: AllRuns) -> JSONResponse:
    """List the data that were brought, oldest first, without their columns, each with the number of its runs."""
    found = await asyncio.to_thread(lambda: list(datasets.every()))
    used = [str(run.configuration.data.get("dataset") or "") for run in runs.all()]
    left_out = ("columns", "sample", "notes", "level", "levels", "samples")
    entries = [{**{k: v for k, v in one.items() if k not in left_out}, "runs": used.count(one["id"])} for one in found]
    return JSONResponse(finite(entries))


@router.post("/datasets/table", status_code=201, response_model=Dataset, openapi_extra=body_of("a CSV file"))
async def bring_table(
    request: Request,
    datasets: AllDatasets,
    uploads: AllUploads,
    settings: Limits,
    name: Name = "table.csv",
    separator: Separator = "auto",
) -> JSONResponse:
    """Keep a CSV file; say what its columns are, and what could be learned."""

    def read(data: bytes, check: Check) -> Read:
        if (found := read_pixel_table(data, check)) is not None:
            return {"kind": "images", "name": name, **found.about()}, found.arrays
        table = tables.read(data, separator, check)
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
        return about, {"cells": table.cells}

    return await kept(request, read, datasets, uploads, settings)


@router.post(
    "/datasets/images",
    status_code=201,
    response_model=Dataset,
    openapi_extra=body_of("a zip or tar with a folder of images for each class"),
)
async def bring_images(
    request: Request,
    datasets: AllDatasets,
    uploads: AllUploads,
    settings: Limits,
    name: Name = "images.zip",
    side: Side = SIDES[0],
    colour: Colour = False,
    level: Level = None,
) -> JSONResponse:
    """Keep images from a zip or a tar that has a folder for each class."""

    def read(data: bytes, check: Check) -> Read:
        found = read_images(data, check, Wanted(side, colour, level))
        return {"kind": "images", "name": name, **found.about()}, found.arrays

    return await kept(request, read, datasets, uploads, settings)


@router.get("/datasets/{id}", response_model=Dataset)
async def get(id: Id, datasets: AllDatasets) -> JSONResponse:
    """Describe data: their columns with what each can be, their first rows, and what could be learned."""
    return JSONResponse(finite(with_suggestion(find(datasets, id))))


@router.delete("/datasets/{id}", status_code=204, response_class=Response)
async def delete(id: Id, datasets: AllDatasets) -> None:
    """Take data away; for some seconds they can be restored."""
    try:
        await asyncio.to_thread(datasets.delete, id)
    except NotHereError:
        raise NotFoundError(f"there are no data {id[:60]!r}") from None


@router.post("/datasets/{id}/restore", response_model=Dataset)
async def restore(id: Id, datasets: AllDatasets) -> JSONResponse:
    """Bring back data that were deleted just now."""
    try:
        return JSONResponse(finite(with_suggestion(await asyncio.to_thread(datasets.restore, id))))
    except DamagedDataError as error:
        raise NotFoundError(str(error)) from None
    except NotHereError:
        raise NotFoundError(f"there are no data {id[:60]!r} that were deleted just now") from None


@router.get("/data/mnist", response_model=DownloadState)
async def get_mnist(download: Download) -> JSONResponse:
    """Say whether the full MNIST is on this machine, and how far its download is."""
    return JSONResponse(download.describe())


@router.post("/data/mnist", status_code=202, response_model=DownloadState)
async def fetch_mnist(download: Download) -> JSONResponse:
    """Begin to download the full MNIST, unless that is under way or done already."""
    download.start()
    return JSONResponse(download.describe(), 202)


async def kept(
    request: Request, read: Callable[[bytes, Check], Read], datasets: Datasets, uploads: Uploads, settings: Settings
) -> JSONResponse:
    """Take in a file when it is its turn, read it, keep it, and describe it; what cannot be read is refused in words."""

    def keep(data: bytes, check: Check) -> tuple[dict[str, Any], bool]:
        there = {one["id"] for one in datasets.every()}
        if len(there) >= settings.max_datasets:
            raise TooManyError(f"{settings.max_datasets} tables and sets of images are kept already; delete some first")
        about, arrays = read(data, check)
        check()
        described = datasets.save(about, arrays)
        return described, described["id"] not in there

    try:
        async with uploads.received(request.body) as data:
            about, is_new = await uploads.read(partial(keep, data), request.is_disconnected)
        if await request.is_disconnected():
            if is_new:
                await asyncio.to_thread(datasets.take_back, about)
            raise GoneError
    except ValueError as error:
        raise ConfigurationError("file", str(error)) from error
    except OSError as error:
        raise StorageError(f"the disk does not take the data ({error.strerror}); make room and bring them again") from error
    except (GoneError, ClientDisconnect) as error:  # nobody hears it
        raise TooSlowError(f"the file was not read: {error or 'whoever brought it left'}") from error
    return JSONResponse(finite(with_suggestion(about)), 201)


def find(datasets: Datasets, id: str) -> dict[str, Any]:
    """Describe data. Raises NotFoundError."""
    try:
        return datasets.about(id)
    except DamagedDataError as error:
        raise NotFoundError(str(error)) from None
    except NotHereError:
        raise NotFoundError(f"there are no data {id[:60]!r}") from None


def with_suggestion(about: dict[str, Any]) -> dict[str, Any]:
    """Add what could be learned: a task with its data; and to images of an older version what they were."""
    if about["kind"] == "images":
        about = {"side": 28, "colour": False, "tests": None, "level": None, "levels": [], "samples": [], **about}
    return {**about, "suggestion": suggestion(about)}
