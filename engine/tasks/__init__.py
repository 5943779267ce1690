"""The tasks: what can be learned, in the order of the shelf."""

from engine.tasks.curves import Polynomial, Sine, Sines, Step
from engine.tasks.mnist import MNIST
from engine.tasks.points import XOR, Blobs, Circles, Moons, Spiral
from engine.tasks.task import Task

TASKS: dict[str, type[Task]] = {
    task.name: task for task in (Spiral, Circles, XOR, Blobs, Moons, Sine, Step, Polynomial, Sines, MNIST)
}

__all__ = ["TASKS", "Task"]
