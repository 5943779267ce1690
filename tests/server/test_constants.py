"""What the page shares with the server: one generated file, and limits that follow the server's settings."""

import httpx

from server.api import constants
from server.settings import Settings
from tests.conftest import Server


def test_the_pages_constants_are_those_of_the_server_and_the_engine() -> None:
    assert constants.FILE.read_text(encoding="utf-8") == constants.module(), "run python -m server.api.constants"


def test_the_pages_limits_follow_the_settings(server: Server, start_server) -> None:
    usual = httpx.get(f"{server.url}/api/catalog").json()["limits"]
    settings = Settings()
    assert usual == {
        "upload": settings.max_upload,
        "sweep": settings.max_sweep,
        "racers": 4,
        "runs": settings.max_runs,
        "undo_seconds": settings.undo_seconds,
    }
    other = start_server(
        NN_BASICS_MAX_SWEEP="5", NN_BASICS_MAX_RUNS="12", NN_BASICS_MAX_UPLOAD="1000", NN_BASICS_UNDO_SECONDS="7.5"
    )
    assert httpx.get(f"{other.url}/api/catalog").json()["limits"] == {
        "upload": 1000,
        "sweep": 5,
        "racers": 4,
        "runs": 12,
        "undo_seconds": 7.5,
    }
