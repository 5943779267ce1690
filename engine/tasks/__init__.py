"""The tasks: what can be learned, in the order of the shelf."""

from engine.tasks.autoencoder import Autoencoder
from engine.tasks.curves import Polynomial, Sine, Sines, Step
from engine.tasks.drawn import Painted, Sketched
from engine.tasks.heights import Hills, Saddle, TiltedPlane
from engine.tasks.images import Images
from engine.tasks.memory import Memory
from engine.tasks.mnist import MNIST
from engine.tasks.optimizers import Optimizers
from engine.tasks.points import XOR, Blobs, Circles, Moons, Spiral
from engine.tasks.rearrange import Copy, Reverse, Sort
from engine.tasks.rows import Rows
from engine.tasks.table import Numbers, Table
from engine.tasks.task import Task
from engine.tasks.text import Text

TASKS: dict[str, type[Task]] = {
    task.name: task
    for task in (
        Spiral,
        Circles,
        XOR,
        Blobs,
        Moons,
        Painted,
        Sine,
        Step,
        Polynomial,
        Sines,
        TiltedPlane,
        Hills,
        Saddle,
        Sketched,
        Table,
        Numbers,
        MNIST,
        Autoencoder,
        Images,
        Memory,
        Rows,
        Text,
        Copy,
        Reverse,
        Sort,
        Optimizers,
    )
}
