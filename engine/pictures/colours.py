"""The colours of classes: Okabe and Ito's, told apart by everybody; the yellow and the black can be seen in both themes."""

RGB = tuple[int, int, int]

CLASS_COLOURS: tuple[RGB, ...] = (
    (0, 114, 178),
    (230, 159, 0),
    (0, 158, 115),
    (204, 121, 167),
    (213, 94, 0),
    (86, 180, 233),
    (150, 140, 20),
    (110, 110, 110),
)
"""Red, green and blue of each class; class k has the colour k modulo their number."""
