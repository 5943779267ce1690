"""The directions in which data differ most."""

import numpy as np

from engine.arrays import Array


def principal_components(values: Array) -> tuple[Array, float]:
    """Turn (N, D) so that the first two axes hold the most variance; return (N, 2) and the share that they hold.

    Pearson (1901), On lines and planes of closest fit to systems of points in space.
    """
    centred = values - values.mean(axis=0)
    if centred.shape[1] < 2:
        return np.column_stack([centred, np.zeros(len(centred))]), 1.0
    axes, share = principal_axes(centred)
    return centred @ axes.T, share


def principal_axes(centred: Array) -> tuple[Array, float]:
    """Find the two directions (2, D) of the most variance of (N, D) with mean 0, and the share that they hold.

    They are right singular vectors, found as eigenvectors of the D × D covariance where there are many more examples.
    """
    variances, vectors = np.linalg.eigh(centred.T @ centred)  # ascending
    axes = vectors[:, :-3:-1].T
    signs = np.sign(axes[:, 0] + 1e-12)  # so that pictures do not flip from one step to the next
    return axes * signs[:, None], float(variances[-2:].sum() / max(variances.sum(), 1e-12))
