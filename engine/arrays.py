"""The two words every file of the engine shares: an array and its shape."""

from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]
Shape = tuple[int, ...]
