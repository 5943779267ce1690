"""Data as a person brings them: tables, and the files of MNIST."""

import io
import random
import tarfile

import numpy as np

TABLE = "width,height,kind\n" + "".join(f"{(k * 7) % 13},{(k * 5) % 11 + 0.5},{'ab'[(k * 7) % 13 > 6]}\n" for k in range(60))


def flowers(rows: int = 300, seed: int = 1, separator: str = ",") -> str:
    """Make a table of three kinds that four columns tell apart, with a few holes, a number of the row and a remark."""
    rng = random.Random(seed)
    middles = {"setosa": (5.0, 3.4, 1.5, 0.2), "versicolor": (5.9, 2.8, 4.3, 1.3), "virginica": (6.6, 3.0, 5.5, 2.0)}
    lines = [separator.join(["sepal length", "sepal width", "petal length", "petal width", "id", "species", "remark"])]
    for k in range(rows):
        kind = list(middles)[k % 3]
        cells = [f"{m + rng.gauss(0, 0.3):.1f}" if rng.random() > 0.01 else "" for m in middles[kind]]
        lines.append(separator.join([*cells, str(k), kind, f"remark {k}"]))
    return "\n".join(lines)


def idx(name: str) -> bytes:
    """Make a small file of MNIST's format, which has this name."""
    n = 20 if "train" in name else 10
    if "labels" in name:
        return bytes([0, 0, 8, 1, 0, 0, 0, n, *(i % 10 for i in range(n))])
    pixels = np.random.default_rng(n).integers(0, 255, (n, 28, 28), dtype=np.uint8)
    return bytes([0, 0, 8, 3, 0, 0, 0, n, 0, 0, 0, 28, 0, 0, 0, 28]) + pixels.tobytes()


def tarred(files: dict[str, bytes]) -> bytes:
    """Pack files into a tar."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return file.getvalue()
