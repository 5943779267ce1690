"""Pictures: what one can see of a network. Per family, the dataclass that holds it and the function that looks.

Looking happens between two steps; it uses `predict` only, and none of the run's random numbers.
"""

from engine.pictures.curves import Agreement, Curve, observe_curve
from engine.pictures.example_history import ExampleHistory, TrackedExamples, observe_example_history, responses_of
from engine.pictures.images import (
    Confusion,
    Digits,
    FeatureMaps,
    Filters,
    LatentSpace,
    Reconstructions,
    observe_confusion,
    observe_digits,
    observe_feature_maps,
    observe_filters,
    observe_latent_space,
    observe_reconstructions,
)
from engine.pictures.layers import (
    Column,
    Diagram,
    LayerStatistics,
    observe_example,
    observe_layer_statistics,
    observe_neuron,
    observe_neurons,
)
from engine.pictures.picture import Picture
from engine.pictures.plane import (
    Cut,
    Extent,
    Field,
    Heights,
    feature_cut,
    grid,
    observe_field,
    observe_field_over_cut,
    observe_heights,
    observe_neuron_over_cut,
    observe_neurons_over_cut,
    usual_cut,
)
from engine.pictures.sequences import (
    Attention,
    GradientNorm,
    PositionAccuracy,
    Rows,
    States,
    Text,
    observe_attention,
    observe_gradient_norm,
    observe_position_accuracy,
    observe_rows,
    observe_states,
    observe_text,
)
from engine.pictures.surface import Path, Standings, Surface, observe_standings, observe_surface
