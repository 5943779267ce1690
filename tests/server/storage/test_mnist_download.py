"""The download of the full MNIST: whole or not at all, from the first mirror that has it."""

import gzip
import hashlib
import http.server
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from engine.data import mnist
from server.storage import mnist_download
from server.storage.mnist_download import DownloadError, download
from tests.samples import idx


class Mirror(http.server.BaseHTTPRequestHandler):
    """Serves what the test put into `files`; "broken" ends in the middle."""

    def __init__(self, files: dict[str, bytes], broken: set[str], *arguments) -> None:
        self.files, self.broken = files, broken
        super().__init__(*arguments)

    def do_GET(self) -> None:
        name = self.path.strip("/")
        if name not in self.files:
            self.send_error(404)
            return
        body = self.files[name]
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if name in self.broken else body)

    def log_message(self, *arguments) -> None:
        pass


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, dict[str, bytes], set[str]]]:
    raw = {name: idx(name) for name in mnist.FILES}
    monkeypatch.setattr(mnist_download, "SHA256", {name: hashlib.sha256(data).hexdigest() for name, data in raw.items()})
    files, broken = {f"{name}.gz": gzip.compress(data) for name, data in raw.items()}, set()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Mirror, files, broken))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", files, broken
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_download_is_whole_and_found_again(mirror, tmp_path: Path) -> None:
    url, files, _ = mirror
    heard: list[int] = []
    download(tmp_path / "mnist", lambda done, total: heard.append(done), (url,))
    assert heard == sorted(heard)
    assert heard[-1] == sum(map(len, files.values()))
    digits = mnist.load(folders=(tmp_path / "nothing", tmp_path / "mnist"))
    assert (digits.source, len(digits.images), len(digits.test_images)) == ("full", 20, 10)


def test_a_broken_download_leaves_nothing_half_done_and_goes_on_later(mirror, tmp_path: Path) -> None:
    url, files, broken = mirror
    second = list(files)[1]
    broken.add(second)
    with pytest.raises(DownloadError, match="try again, or go on with the bundled digits"):
        download(tmp_path, mirrors=(url,))
    assert [path.name for path in tmp_path.iterdir()] == [next(iter(files))]
    broken.clear()
    del files[next(iter(files))]  # what is here already is not asked for again
    download(tmp_path, mirrors=(url,))
    assert len(list(tmp_path.iterdir())) == 4


def test_a_forged_file_is_refused(mirror, tmp_path: Path) -> None:
    url, files, _ = mirror
    files["train-images-idx3-ubyte.gz"] = gzip.compress(b"something else")
    with pytest.raises(DownloadError, match="not the file that was asked for"):
        download(tmp_path, mirrors=(url,))
    files["train-images-idx3-ubyte.gz"] = b"no gzip at all"
    with pytest.raises(DownloadError, match="could not get"):
        download(tmp_path, mirrors=(url,))
    assert not list(tmp_path.iterdir())


def test_a_second_mirror_helps_and_no_network_is_said(mirror, tmp_path: Path) -> None:
    url, _, _ = mirror
    nobody = "http://127.0.0.1:9/"
    with pytest.raises(DownloadError, match="connected to the internet"):
        download(tmp_path, mirrors=(nobody,))
    assert download(tmp_path, mirrors=(nobody, url)) == tmp_path
