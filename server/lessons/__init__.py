"""Lessons: their file, their goals, those in the box, and the class that works through one."""
