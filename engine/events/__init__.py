"""What training can say: a row of metrics, that a step is done, and the kinds of picture.

A picture is one moment of a network as plain arrays. Bytes (uint8) and numbers (floating point) are all it holds, so
that any page can draw it; `view` names how. A value v in −scale … scale is kept as the byte 128 + 127 v / scale.
"""

from engine.events.event import Metrics, Picture, Stepped, signed_bytes
from engine.events.images import Code, Confusion, Digits, FeatureMaps, Filters, Reconstructions
from engine.events.layers import Column, Diagram, LayerStatistics, Stories
from engine.events.plane import Agreement, Curve, Field, Path, Surface
from engine.events.sequences import Attention, Backflow, Positions, Rows, States, Text

Event = Stepped | Metrics

__all__ = [
    "Agreement",
    "Attention",
    "Backflow",
    "Code",
    "Column",
    "Confusion",
    "Curve",
    "Diagram",
    "Digits",
    "Event",
    "FeatureMaps",
    "Field",
    "Filters",
    "LayerStatistics",
    "Metrics",
    "Path",
    "Picture",
    "Positions",
    "Reconstructions",
    "Rows",
    "States",
    "Stepped",
    "Stories",
    "Surface",
    "Text",
    "signed_bytes",
]
