"""The glass box's formulas, for those who look: the page, the terminal, a notebook.

The tree itself stands in engine/expression.py, among the textbook's files: every layer, loss and optimizer writes its own
formulas next to its forward and backward, and no file imports from a room above its own. This is the same, for those above.
"""

from engine.expression import (
    Expression,
    Formulas,
    Function,
    Maximum,
    Power,
    Product,
    Quantities,
    Quotient,
    Sum,
    Value,
)

__all__ = ["Expression", "Formulas", "Function", "Maximum", "Power", "Product", "Quantities", "Quotient", "Sum", "Value"]
