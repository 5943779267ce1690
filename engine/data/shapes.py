"""Small images of three shapes, made by formula: an example of images in classes for whoever has none at hand."""

import numpy as np

from engine.arrays import Array

NAMES = ("circle", "square", "triangle")


def shapes(number: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw outlines of circles, squares and triangles: bytes (N, 28, 28), ink 255 on 0, and which each is (N,)."""
    y, x = np.mgrid[0:28, 0:28].astype(np.float64)
    labels = np.arange(number) % len(NAMES)
    images = np.zeros((number, 28, 28), np.uint8)
    for i, label in enumerate(labels):
        size, angle = rng.uniform(6, 11), rng.uniform(-0.5, 0.5)
        dx, dy = x - rng.uniform(12, 15), y - rng.uniform(12, 15)
        u, v = np.cos(angle) * dx + np.sin(angle) * dy, np.cos(angle) * dy - np.sin(angle) * dx
        # how far outside the shape a pixel is, negative inside
        distance = [
            np.hypot(u, v) - size,
            np.maximum(abs(u), abs(v)) - 0.85 * size,
            np.maximum(0.87 * abs(u) - 0.5 * v, v) - 0.5 * size,
        ][label]
        ink = np.clip(1.6 - abs(distance), 0, 1) + 0.12 * rng.normal(size=(28, 28))
        images[i] = (255 * np.clip(ink, 0, 1)).round()
    return images, labels
