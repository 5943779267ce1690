"""The pictures: that they fit, that they are saved as they are shown, and that one can draw on them."""
