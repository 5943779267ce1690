"""The claims of the lessons in the box, over several seeds."""
