"""The calls about data: tables and images that a person brings, and the full MNIST."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BeforeValidator
from starlette.requests import ClientDisconnect, HTTPConnection

from engine import ConfigurationError
from engine.data import tables
from engine.data.datasets import DamagedDataError, NotHereError, load, suggestion
from engine.data.tables import Reading
from engine.data.tables.gaps import patterns
from server.api.dependencies import AllDatasets, AllRuns, AllUploads, Limits
from server.api.errors import REFUSALS
from server.api.models.requests import body_of
from server.api.models.responses import Dataset, DatasetEntry, DownloadState
from server.api.opening.refusals import NotFoundError
from server.messages import finite
from server.runs.registry import TooManyError
from server.settings import Settings
from server.storage.brought import GoneFileError
from server.storage.database import StorageError
from server.storage.datasets import Datasets
from server.storage.images.reading import SIDES, Wanted, read_images, read_pixel_table
from server.storage.mnist_download import MNISTDownload
from server.storage.spreadsheets import about_table, holds_tables, read_table
from server.storage.uploads import Check, GoneError, TooSlowError, Uploads

Id = Annotated[str, Path(description="the data's id: the same file has the same one everywhere")]
Name = Annotated[str, Query(max_length=120, description="what the file is called")]
Separator = Annotated[
    Literal["auto", "comma", "semicolon", "tab", "bar", "space", "fixed", "libsvm"],
    Query(description="what parts the cells; fixed: they stand at fixed places of each line; libsvm: a label, then 3:0.5 7:2"),
]
Examples = Annotated[
    Literal["auto", "rows", "columns"], Query(description="whether each row is an example, or each column where rows are named")
]
Side = Annotated[
    Literal[SIDES],  # type: ignore[valid-type]
    BeforeValidator(lambda said: int(said) if str(said).isdecimal() else said),
    Query(description="pixels of a side that every image is brought to"),
]
Colour = Annotated[bool, Query(description="whether images stay in colour, or become grey")]
Level = Annotated[
    int | None,
    Query(
        ge=-20,
        le=1_000,
        description="which folder is the class: 0 the outermost, −1 the names of files, −2 and less columns of a table",
    ),
]
Invert = Annotated[
    Literal["auto", "yes", "no"],
    Query(description="whether grey images are inverted, as drawings on paper are, so that they are light on dark"),
]
Decimal = Annotated[Literal["auto", "dot", "comma"], Query(description="what parts the decimals of numbers")]
Encoding = Annotated[str, Query(max_length=40, description="what the text is written in, as in shift_jis; auto finds it out")]
Header = Annotated[Literal["auto", "yes", "no"], Query(description="whether the first line names the columns")]
Skip = Annotated[
    int | None, Query(ge=0, le=1000, description="lines above the table that are left out; found out where absent")
]
Kinds = Annotated[
    str,
    Query(max_length=16_000, description="number, word or date for columns, by their place in the file: 0:number,3:date"),
]
Sheet = Annotated[
    str, Query(max_length=300, description="which sheet of a spreadsheet, or which table of a zip; a likely one where empty")
]
Instead = Annotated[
    str,
    Query(
        pattern=r"^([0-9a-f]{12})?$", description="data that this is another reading of; they go where no run is made of them"
    ),
]
File = Annotated[
    str,
    Query(
        pattern=r"^([0-9a-f]{32})?$",
        description="the `file` of an earlier answer: what was sent then is read once more, and the body is empty; 404 where "
        "it is not kept any more",
    ),
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
    used = await asyncio.to_thread(runs.table.counted, "data.dataset")
    left_out = ("columns", "sample", "notes", "level", "levels", "samples", "read_as")
    entries = [{**{k: v for k, v in one.items() if k not in left_out}, "runs": used[one["id"]]} for one in found]
    return JSONResponse(finite(entries))


@router.post(
    "/datasets/table",
    status_code=201,
    response_model=Dataset,
    openapi_extra=body_of("a table: CSV and its like, ARFF, JSON lines, a spreadsheet or Parquet"),
)
async def bring_table(
    request: Request,
    datasets: AllDatasets,
    runs: AllRuns,
    uploads: AllUploads,
    settings: Limits,
    name: Name = "table.csv",
    separator: Separator = "auto",
    decimal: Decimal = "auto",
    encoding: Encoding = "auto",
    header: Header = "auto",
    skip: Skip = None,
    kinds: Kinds = "",
    sheet: Sheet = "",
    examples: Examples = "auto",
    instead_of: Instead = "",
    file: File = "",
) -> JSONResponse:
    """Keep a table: text with separators, ARFF, JSON lines, a spreadsheet or Parquet, packed or not; say what its columns are,
    and what could be learned. What is not said is found out.
    """
    how = Reading(separator, decimal, encoding, header, skip, kinds_of(kinds), sheet, examples)

    def read(data: bytes, check: Check) -> Read:
        if (found := read_pixel_table(data, check)) is not None:
            return {"kind": "images", "name": name, **found.about()}, found.arrays
        return as_table(name, data, how, check)

    used = await asyncio.to_thread(runs.table.counted, "data.dataset")
    before = "" if used[instead_of] else instead_of
    return await kept(request, read, datasets, uploads, settings, file, before)


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
    invert: Invert = "auto",
    file: File = "",
) -> JSONResponse:
    """Keep images from a zip or a tar that has a folder for each class; a zip that holds a table instead is read as one."""

    def read(data: bytes, check: Check) -> Read:
        if holds_tables(data):
            return as_table(name, data, Reading(), check)
        found = read_images(data, check, Wanted(side, colour, level, {"yes": True, "no": False}.get(invert)))
        return {"kind": "images", "name": name, **found.about()}, found.arrays

    return await kept(request, read, datasets, uploads, settings, file)


@router.get("/datasets/{id}", response_model=Dataset)
async def get(id: Id, datasets: AllDatasets) -> JSONResponse:
    """Describe data: their columns with what each can be, their first rows, and what could be learned."""
    return JSONResponse(finite(with_suggestion(await asyncio.to_thread(whole, datasets, id))))


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
    request: Request,
    read: Callable[[bytes, Check], Read],
    datasets: Datasets,
    uploads: Uploads,
    settings: Settings,
    file: str,
    before: str = "",
) -> JSONResponse:
    """Take in a file when it is its turn, or one that was sent earlier; read it, keep that instead of what was there `before`,
    and describe it; what cannot be read is refused in words.
    """

    def keep(sent: bytes, check: Check) -> tuple[dict[str, Any], bool]:
        data = datasets.brought.read(file) if file else sent
        there = {one["id"] for one in datasets.every()}
        if len(there - {before}) >= settings.max_datasets:
            raise TooManyError(f"{settings.max_datasets} tables and sets of images are kept already; delete some first")
        about, arrays = read(data, check)
        check()
        described = datasets.save(about, arrays)
        key = remembered(datasets, data, described["id"])
        if before in there and before != described["id"]:
            with suppress(NotHereError):  # somebody else has deleted it meanwhile
                datasets.delete(before)
        return {**with_gaps(described, arrays), "file": key}, described["id"] not in there

    def remembered(datasets: Datasets, data: bytes, id: str) -> str | None:
        with suppress(OSError, GoneFileError):  # then it is sent again
            if not file:
                return datasets.brought.keep(data, id)
            datasets.brought.belongs_to(file, id)
            return file
        return None

    try:
        async with uploads.received(request.body) as data:
            about, is_new = await uploads.read(partial(keep, data), request.is_disconnected)
        if await request.is_disconnected():
            if is_new:
                await asyncio.to_thread(datasets.take_back, about)
            raise GoneError
    except GoneFileError as error:
        raise NotFoundError(str(error)) from None
    except ValueError as error:
        raise ConfigurationError("file", str(error)) from error
    except OSError as error:
        raise StorageError(f"the disk does not take the data ({error.strerror}); make room and bring them again") from error
    except (GoneError, ClientDisconnect) as error:  # nobody hears it
        raise TooSlowError(f"the file was not read: {error or 'whoever brought it left'}") from error
    return JSONResponse(finite(with_suggestion({**about, "is_new": is_new} if about["kind"] == "table" else about)), 201)


def as_table(name: str, data: bytes, how: Reading, check: Check) -> Read:
    """Read a table, and say what there is to know of it. Raises TableError, and whatever `check` raises."""
    table = read_table(data, how, check)
    suggested = tables.suggest(table.columns, len(table.cells))
    table.notes += tables.told_of_copies(table.columns, table.cells, suggested)
    return about_table(name, table), {"cells": table.cells}


def kinds_of(text: str) -> dict[int, str]:
    """Read what columns are to be, as in "0:number,3:date". Raises ConfigurationError."""
    found = {}
    for pair in filter(None, text.split(",")):
        place, _, kind = pair.partition(":")
        if not (place.isascii() and place.isdecimal() and len(place) < 5 and kind in ("number", "word", "date")):
            raise ConfigurationError("kinds", f"kinds must be like 0:number,3:date (number, word or date), got {pair[:40]!r}")
        found[int(place)] = kind
    return found


def find(datasets: Datasets, id: str) -> dict[str, Any]:
    """Describe data. Raises NotFoundError."""
    try:
        return datasets.about(id)
    except DamagedDataError as error:
        raise NotFoundError(str(error)) from None
    except NotHereError:
        raise NotFoundError(f"there are no data {id[:60]!r}") from None


def whole(datasets: Datasets, id: str) -> dict[str, Any]:
    """Describe data, with the gaps of a table. Raises NotFoundError."""
    about = find(datasets, id)
    try:
        holed = any(column["missing"] for column in about.get("columns", []))
        return with_gaps(about, load(datasets.folder, id)) if holed else about
    except NotHereError as error:
        raise NotFoundError(str(error)) from None


def with_gaps(about: dict[str, Any], arrays: dict[str, Any]) -> dict[str, Any]:
    """Add how many rows of a table miss which columns."""
    return {**about, "gaps": patterns(arrays["cells"])} if about["kind"] == "table" else about


def with_suggestion(about: dict[str, Any]) -> dict[str, Any]:
    """Add what could be learned: a task with its data; and to images of an older version what they were."""
    about = {"file": None, **about}
    if about["kind"] == "images":
        about = {
            "side": 28,
            "colour": False,
            "inverted": None,
            "tests": None,
            "level": None,
            "levels": [],
            "samples": [],
            **about,
        }
    else:
        about = {"read_as": {}, "gaps": [], "is_new": False, **about}
    return {**about, "suggestion": suggestion(about)}
