"""Probes: they look at a network between two steps and make pictures. They use `predict` only, and none of the run's chance."""

from engine.probes.images import code, confusion, digits, feature_maps, filters, reconstructions
from engine.probes.layers import diagram, journey, layer_statistics
from engine.probes.plane import curve, field, grid, surface
from engine.probes.sequences import attention, backflow, positions, rows, states, text

__all__ = [
    "attention", "backflow", "code", "confusion", "curve", "diagram", "digits", "feature_maps", "field", "filters", "grid",
    "journey", "layer_statistics", "positions", "reconstructions", "rows", "states", "surface", "text",
]
