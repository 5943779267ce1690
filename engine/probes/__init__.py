"""Probes: they look at a network between two steps and make pictures. They use `predict` only, and none of the run's chance."""

from engine.probes.images import code, confusion, digits, feature_maps, filters, reconstructions
from engine.probes.layers import diagram, journey, layer_statistics
from engine.probes.plane import curve, cut_diagram, cut_field, feature_cut, field, grid, surface, usual_cut
from engine.probes.sequences import attention, backflow, positions, rows, states, text

__all__ = [
    "attention",
    "backflow",
    "code",
    "confusion",
    "curve",
    "cut_diagram",
    "cut_field",
    "diagram",
    "digits",
    "feature_cut",
    "feature_maps",
    "field",
    "filters",
    "grid",
    "journey",
    "layer_statistics",
    "positions",
    "reconstructions",
    "rows",
    "states",
    "surface",
    "text",
    "usual_cut",
]
