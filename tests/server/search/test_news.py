"""What a search tells since a revision, where the revision is one of the server before."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from engine import configure
from server.search.searches import Searches
from server.settings import Settings
from server.storage.database import StorageError
from tests.server.workers.conftest import opened, wait

AXIS = {"path": "optimizer.learning_rate", "low": 0.001, "high": 0.1}


@contextmanager
def searches_of(folder: Path) -> Iterator[Searches]:
    with opened(folder, 0) as registry:
        searches = Searches(registry, registry.store, Settings(workers=0))
        try:
            yield searches
        finally:
            searches.close(10)


def unreadable(*arguments: Any) -> None:
    raise StorageError("the disk does not give what is kept")


def test_news_outlast_a_disk_that_gives_nothing_and_a_page_of_the_server_before_is_told_all_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next server begins some milliseconds later, and another page asks first, to which each of the trials is news."""
    clock = SimpleNamespace(time=lambda: clock.now, now=1e9)
    monkeypatch.setattr("server.search.live.time", clock)
    base = configure({"task": "xor", "steps": 2, "data": {"points": 40}})
    with searches_of(tmp_path) as searches:
        search = searches.create(base, [AXIS], {"how": "random", "runs": 12}, start=True, speed=None)
        wait(lambda: search.status == "finished")
        before = search.tell()
        assert search.tell(before["revision"]) is None
        registry = searches._registry
        registry.delete(registry.get(before["trials"][3]["runs"][0]))
        with monkeypatch.context() as disk:
            disk.setattr(registry.table, "cells", unreadable)
            with pytest.raises(StorageError):
                search.tell(before["revision"])
        news = search.tell(before["revision"])  # what the disk did not give is news still
        assert [(trial["number"], trial["status"]) for trial in news["trials"]] == [(3, "deleted")]
    clock.now += 0.008
    with searches_of(tmp_path) as searches:
        (again,) = searches.all()
        assert len(again.tell()["trials"]) == 12
        news = again.tell(before["revision"])
        assert [trial["number"] for trial in news["trials"]] == list(range(12))
