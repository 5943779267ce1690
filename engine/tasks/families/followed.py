"""Networks that are no map of the plane: the diagram follows one example through them."""

from engine.network import Network
from engine.pictures import Diagram, observe_example
from engine.tasks.task import Task
from engine.tasks.task_picture import picture


class Followed(Task):
    """A task whose examples can be followed through the network, layer by layer."""

    @picture("network")
    def example_diagram(self, network: Network, example: int) -> Diagram:
        """Follow one test example through the network."""
        i = example % len(self.x_test)
        return observe_example(network, self.to_input(self.x_test[i : i + 1]))
