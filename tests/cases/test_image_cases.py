"""Small archives and folders of images of every kind that people bring: each is read right, or refused with what to do."""

from typing import Any

import numpy as np
import pytest

from server.storage.images.reading import ImageSet, read_folder, read_images
from tests.cases.expectations import CASES, EXPECTED, differences

IMAGES = [name for name in EXPECTED if not name.startswith("tables/")]


def read(name: str) -> ImageSet:
    path = CASES / name
    return read_folder(path) if path.is_dir() else read_images(path.read_bytes())


@pytest.mark.parametrize("name", IMAGES)
def test_images_are_read_as_their_owner_means_them(name: str) -> None:
    expected = EXPECTED[name]
    try:
        found = read(name)
        status, answer = 201, {"kind": "images", **found.about()}
    except ValueError as error:
        status, answer = 422, {"error": {"message": str(error)}}
    assert not differences(expected, status, answer)
    if status != 201:
        return
    assert not any("object at" in note or "BytesIO" in note for note in answer["notes"])
    if expected.get("seen", True):
        assert (np.ptp(found.images.reshape(len(found.images), -1).astype(int), axis=1) > 40).all()
    if expected.get("alike"):
        assert all(spread(found, label) < 30 for label in range(len(found.classes)))


def spread(found: ImageSet, label: int) -> Any:
    """Say how far the images of a class are from the first of them, on average over their pixels."""
    images = found.images[found.labels == label].astype(int)
    return abs(images - images[0]).mean()
