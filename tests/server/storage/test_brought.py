"""Files that were sent are read in another way without being sent again, as long as they are kept, and no longer."""

from pathlib import Path

import httpx
import pytest

from server.storage import brought as module
from server.storage.brought import Brought, GoneFileError
from tests.samples import flowers


def test_a_file_is_read_again_by_its_key_until_its_data_are_deleted(api: httpx.Client) -> None:
    first = api.post("/datasets/table", params={"name": "f.csv"}, content=flowers(40).encode()).json()
    again = api.post(
        "/datasets/table",
        params={"name": "f.csv", "kinds": "0:word", "instead_of": first["id"], "file": first["file"]},
    )
    assert (again.status_code, again.json()["rows"], again.json()["file"]) == (201, 40, first["file"])
    assert again.json()["id"] != first["id"]
    assert again.json()["columns"][0]["kind"] == "word"
    assert api.get(f"/datasets/{again.json()['id']}").json()["file"] is None
    api.delete(f"/datasets/{again.json()['id']}")
    gone = api.post("/datasets/table", params={"name": "f.csv", "file": first["file"]})
    assert (gone.status_code, gone.json()["error"]["message"]) == (404, "the file is not here any more; bring it again")
    assert api.post("/datasets/table", params={"file": "../../../../etc/passwd"}).status_code == 422


def test_the_oldest_make_room_for_new_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 25)
    files = Brought(tmp_path / "brought")
    keys = [files.keep(bytes([k]) * 10, f"{k:012x}") for k in range(3)]
    with pytest.raises(GoneFileError, match="bring it again"):
        files.read(keys[0])
    assert [files.read(key)[0] for key in keys[1:]] == [1, 2]
    monkeypatch.setattr(module, "SECONDS", -1)
    last = files.keep(b"x", "0" * 12)
    assert [path.name for path in (tmp_path / "brought").iterdir()] == [f"{last}-{'0' * 12}"]
    with pytest.raises(GoneFileError):
        files.read("../*")
