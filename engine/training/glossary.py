"""The words of the page, and what its pictures show: each with a sentence, a formula where there is one, and what to try."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine import pictures
from engine.hyperparameter import Choice
from engine.layers import Activation, Dense, Layer
from engine.losses import Loss
from engine.network import Network
from engine.optimizers import Optimizer, clip_by_norm
from engine.pictures import layers
from engine.regularizers import Regularizer
from engine.schedules import Schedule
from engine.tasks.families.goal import Goal
from engine.tasks.task import Task
from engine.training.kept import KeptWeights
from engine.training.training import Training


@dataclass(frozen=True)
class Term:
    """A word that the page explains: a sentence, what to try, a formula, and the lines of the engine that do it."""

    help: str
    advice: str
    formula: str = ""
    lines: type | Callable[..., Any] | None = None
    """The class or the function that does it; None where the engine has no part in it."""


TERMS: dict[str, Term] = {
    # ── the numbers beside the headline ──
    "step": Term(
        "One update of all weights, from the gradient of one batch.",
        "Press the right arrow to take a single step, and watch what moves.",
        "θ ← θ − η ∂L/∂θ",
        Training.update,
    ),
    "epoch": Term(
        "One pass over all training examples, in as many steps as there are batches.",
        "Halve the batch size: the same epoch then has twice as many steps.",
        "steps per epoch = ⌈examples / batch size⌉",
        Task.steps_per_epoch,
    ),
    "loss": Term(
        "How wrong the network is on what it trains on, as one number that training makes smaller.",
        "Open Loss under More to choose another one, and see what it forgives.",
        "L = mean over the batch of loss(prediction, target)",
        Loss,
    ),
    "test loss": Term(
        "The loss on examples that the network never trains on.",
        "Watch it turn up while the training loss still falls: from there on the network learns by heart.",
        lines=Training.measure,
    ),
    "accuracy": Term(
        "The share of training examples, since the row before, whose answer was right.",
        "Compare it with the test accuracy: a wide gap means that it learned by heart.",
        "right answers / all answers",
        Task.accuracy,
    ),
    "test accuracy": Term(
        "The share of right answers among examples that the network never trains on.",
        "Give it more data or fewer neurons, and see whether the gap to the training accuracy closes.",
        "right answers / all answers",
        Task.accuracy,
    ),
    "penalty": Term(
        "What the regularizer adds to the loss for large weights; both together are made smaller.",
        "Make it ten times stronger, and watch the boundary become smoother.",
        "minimized: L + R",
        Training.penalty,
    ),
    "learning rate": Term(
        "How far one step goes, after the schedule has had its say.",
        "Double it until the loss jumps, then go back to half of that.",
        "η = chosen rate · factor of the schedule",
        Training.update,
    ),
    "steps per second": Term(
        "How many steps were taken in each second, measured over the newest rows.",
        "Move Speed to unlimited, and see what this machine can do.",
    ),
    "status": Term(
        "Whether the run trains, waits for its turn, stands still, or is over.",
        "Press the space bar to train and to pause.",
    ),
    "speed": Term(
        "How many steps a second may have at the most, so that one can follow.",
        "Slow it down to 10 steps a second at the moment when the loss falls fastest.",
    ),
    "best step": Term(
        "The step with the smallest test loss so far; with patience its weights are the ones that count in the end.",
        "Set Patience in Training, and let the run end by itself.",
        lines=KeptWeights,
    ),
    "result": Term(
        "What counts in a task: the test accuracy where classes are learned, else the test loss.",
        "Sort by it, and look at what the best runs have in common.",
        lines=Training.measure,
    ),
    "learned": Term(
        "The run has reached what this task calls solved, measured on examples that it never saw where there are any.",
        "Take half of the neurons away, and see whether it still gets there.",
        lines=Goal,
    ),
    "finding": Term(
        "What the doctor sees in a run: what goes wrong in it and why, or that it has learned all it can.",
        "Ask Why?, apply what helps, and watch the repaired run beside the ill one.",
    ),
    # ── parts of a network and of its training ──
    "network": Term(
        "Layers one after the other: each turns its input into the input of the next.",
        "Remove a layer, and see what the network can no longer do.",
        "y = fₙ(… f₂(f₁(x)))",
        Network.forward,
    ),
    "layers": Term(
        "The steps that an input goes through: some have weights that are learned, others only bend or pool numbers.",
        "Add a hidden layer with its activation, or give one more units.",
        lines=Layer,
    ),
    "activation": Term(
        "A bend that every number goes through: without one, many layers are no more than a single one.",
        "Replace Tanh by ReLU: the boundary turns from curves into straight pieces.",
        lines=Activation,
    ),
    "weights": Term(
        "The numbers that a network learns; the biases are among those that are counted.",
        "Give a layer twice as many units, and see the count grow.",
        "of a dense layer: inputs · units + units",
        Dense,
    ),
    "shape": Term(
        "How many numbers a layer gives for one example, and how they lie: height, width, channels; or steps, features.",
        "Follow the shapes down the list: each layer takes what the one above it gives.",
        lines=Network.summary,
    ),
    "hyperparameter": Term(
        "What a person chooses and training does not change, such as the learning rate or the number of units.",
        "Change one at a time, so that you know what did it.",
        lines=Choice,
    ),
    "optimizer": Term(
        "The rule that turns gradients into steps.",
        "Run SGD and Adam in a race from the same first weights.",
        lines=Optimizer,
    ),
    "schedule": Term(
        "How the learning rate changes while the run goes on.",
        "Choose Cosine: large steps first, then smaller and smaller ones.",
        "η at a step = chosen rate · factor(step)",
        Schedule,
    ),
    "regularizer": Term(
        "A price on large weights, so that the network prefers simple answers.",
        "Choose L2 with few noisy points, and watch the islands in the picture vanish.",
        "minimized: L + R(W)",
        Regularizer,
    ),
    "gradient": Term(
        "For every weight, how much the loss would grow if that weight grew a little.",
        "Open one step in numbers to see where each of them comes from.",
        "∂L/∂θ",
        Network.backward,
    ),
    "data": Term(
        "The examples that the network learns from, and those that it is tested on.",
        "Raise the noise, and see what no network can get right any more.",
        lines=Task.load,
    ),
    "training data": Term(
        "The examples whose errors change the weights.",
        "Take only 30 of them: the network can then learn them by heart.",
        lines=Task.batches,
    ),
    "test data": Term(
        "Examples that are kept apart: they only measure, and no weight changes because of them.",
        "Compare the loss on both: what differs was learned by heart.",
        lines=Training.measure,
    ),
    "batch": Term(
        "The examples of one step.",
        "Make it small: steps become quicker, and the loss noisier.",
        lines=Task.batches,
    ),
    "seed": Term(
        "The number that all chance comes from: data, first weights, the order of examples.",
        "Press New weights, then New data: what was luck changes, what was learned comes back.",
    ),
    # ── tried before training, on a copy ──
    "check-up": Term(
        "What can be known before training: is it unsure, does what it sees reach its end, do its inputs help?",
        "Set the first weights to zeros, and look which layer answers everything alike.",
        "untrained loss ≈ ln K,  for K classes",
    ),
    "overfit one batch": Term(
        "Learning 20 examples by heart, in 200 steps on nothing else: the loss must go to 0.",
        "Take the hidden layers away, and see that XOR cannot even be learned by heart.",
    ),
    "find the rate": Term(
        "A hundred steps, each with a larger learning rate, until the loss explodes; then a few rates, each for itself.",
        "Do it for SGD and for Adam: their best rates lie far apart.",
        "ηₜ = 1e-7 · 10^(8 t / 99)",
    ),
    "spread of outputs": Term(
        "How far apart the answers of a layer are for different examples: none means that they all get the same.",
        "Stack eight sigmoid layers, and watch it fade from layer to layer.",
        "√(mean over units of the variance over examples)",
    ),
    # ── of a layer, while it trains ──
    "gradient norm": Term(
        "How long the gradient is: how strongly this step's batch pulls at the weights.",
        "Stack eight Sigmoid layers: hardly anything of it reaches the first one.",
        "‖∂L/∂θ‖ = √Σ (∂L/∂θ)²",
        layers.norm,
    ),
    "change per step": Term(
        "How far the last step moved a layer's weights, compared with their size; about 0.1 % is usual.",
        "Raise the learning rate ten times, and see this grow as much.",
        "‖Δθ‖ / ‖θ‖",
        layers.observe_layer_statistics,
    ),
    "silent share": Term(
        "The share of a ReLU layer's neurons that answer 0 to every example shown: they learn nothing more.",
        "Train ReLU with a rate that is too large, and watch neurons fall silent; LeakyReLU keeps them awake.",
        "neurons with y ≤ 0 for all examples / all neurons",
        layers.observe_layer_statistics,
    ),
    "outputs": Term(
        "The mean of a layer's answers over some examples, and how far they spread.",
        "Add BatchNorm before an activation: the spread stays near 1 from layer to layer.",
        "mean ± standard deviation",
        layers.observe_layer_statistics,
    ),
    "histogram of the weights": Term(
        "How many of a layer's weights are small, and how many large; the ends are its smallest and its largest.",
        "Choose L1: most weights gather at exactly 0.",
        lines=layers.histogram,
    ),
    # ── what the page shows and does ──
    "curves": Term(
        "What was measured, row by row, over the steps: solid while training, dashed on test data.",
        "Drag over a part to see it large, and double-click to come back.",
        lines=Training.metrics,
    ),
    "smoothing": Term(
        "A running mean over neighbouring rows, drawn over the pale curve that was measured.",
        "Turn it up for small batches, and down again before you compare two runs.",
    ),
    "runs": Term(
        "Everything that was trained here, each with its settings and what it reached.",
        "Pin two of them, and compare their curves.",
    ),
    "train": Term(
        "Takes one step after the other until you pause, or all steps are done.",
        "Press the space bar instead.",
        lines=Training.events,
    ),
    "reset": Term(
        "Goes back to step 0, with the same data and the same first weights.",
        "Change one thing, reset, and compare: nothing else is different.",
    ),
    "new data": Term(
        "Begins anew with other examples of the same kind, from the same first weights.",
        "Train, press it, train again: what the network learned of chance is of no use now.",
    ),
    "new weights": Term(
        "Begins anew with other first weights, on the same examples.",
        "Try three times before you believe in a result: does the same network always find it?",
    ),
    "race": Term(
        "Several runs that differ in one choice train side by side from the same first weights.",
        "Let four optimizers race.",
    ),
    "sweep": Term(
        "Many runs over one or two choices, as a grid that shows where training goes well.",
        "Sweep the learning rate over powers of ten.",
    ),
    "timeline": Term(
        "The run's past: drag to see every picture as it was at that step.",
        "Go back to where the loss fell fastest, change the rate there, and let it go on from there.",
    ),
    "replay": Term(
        "Plays the pictures of the run's past from the beginning.",
        "Watch it once more, slowly, where the boundary folds.",
    ),
    # ── one step in numbers ──
    "one step in numbers": Term(
        "The run's next step, done again: forward, loss, back and update, every number with those that it was made from.",
        "Follow one weight: from its term in the sum, to its gradient, to its new value.",
    ),
    "blank": Term(
        "Hides the number that is open, so that you work it out from the numbers beside it; within 1 % is right.",
        "Begin with a sum of a few terms, then try a gradient.",
    ),
    "nudge": Term(
        "Moves one weight a little to both sides and compares how the loss changes with what back-propagation says.",
        "Nudge a weight before a ReLU: at the corner the two disagree.",
        "∂L/∂w ≈ (L(w + h) − L(w − h)) / 2h",
    ),
    # ── done to the network by hand ──
    "silence": Term(
        "The output of a neuron is 0 from now on, whatever it computes, and no gradient reaches it.",
        "Silence one neuron at a time: where nothing changes, the network did not need it.",
        "y ← y · m,  m = 0 for the neuron, else 1",
        Layer.silence,
    ),
    "freeze": Term(
        "A layer keeps its weights while the others learn; running averages of a BatchNorm go on.",
        "Freeze all but the last layer after some steps: how far does the last one come alone?",
        "θ ← θ + scale · Δθ,  scale = 0",
        Network.scale_step,
    ),
    "layer anew": Term(
        "A layer has its first weights again, those that the seed drew; the others keep what they learned.",
        "Begin the first layer anew late in training: does the loss come back faster than the first time?",
    ),
    # ── lessons ──
    "lesson": Term(
        "An experiment in steps, each with a text, settings, often a question, and a goal.",
        "Answer the question before you train: being wrong is how one notices.",
    ),
    "goal": Term(
        "What a run must reach in this step of the lesson; the server reads it from the run's own numbers.",
        "Not reached? Change one thing, and train again: the next run counts too.",
    ),
    "clipping": Term(
        "A gradient that is longer than a limit is shortened to it, in the same direction.",
        "Set it to 1 for a recurrent network, and see the jumps of the loss vanish.",
        "g ← g · limit / ‖g‖  where ‖g‖ > limit",
        clip_by_norm,
    ),
}
"""The words of the page, as they stand on it."""


PICTURES: dict[str, Term] = {
    "decision boundary": Term(
        "What the network answers at 100 × 100 places, interpolated between them, in the classes' colours, paler where unsure.",
        "Find the last point that is on the wrong side, and click it to see its history.",
        lines=pictures.Field,
    ),
    "predicted heights": Term(
        "The number that the network predicts at 64 × 64 places, orange below 0 and blue above; points in that of the truth.",
        "Find points that stand out: there the colour of the sheet is not yet theirs.",
        lines=pictures.observe_heights,
    ),
    "fitted curve": Term(
        "The network's answer along x as a line, over the points that it learns from; below, how far off it is.",
        "Watch the ends: there are few points, and the line comes right there last.",
        lines=pictures.observe_curve,
    ),
    "network": Term(
        "Every neuron with what it answers, from left to right; lines are weights, orange below 0 and blue above.",
        "Point at a neuron: its map grows, and so do the weights that lead to it.",
        lines=pictures.observe_neurons,
    ),
    "layer statistics": Term(
        "What every layer does: its outputs, its gradient, how far its last step went, and its weights.",
        "Compare the gradients of the first and the last layer.",
        lines=pictures.observe_layer_statistics,
    ),
    "confusion": Term(
        "Which class (row) was taken for which (column): right answers lie on the diagonal.",
        "Find the largest number beside the diagonal, and ask what the two have in common.",
        lines=pictures.observe_confusion,
    ),
    "truth and guess": Term(
        "Each example by what is true and what the network says: on the diagonal both agree.",
        "Look at the far ends: large values are often guessed too small.",
        lines=pictures.Agreement,
    ),
    "digits": Term(
        "Test digits with the network's guess under each; wrong ones are marked with a cross.",
        "Draw a digit of your own, and make it harder and harder to read.",
        lines=pictures.observe_digits,
    ),
    "images": Term(
        "Test images with the network's guess under each; wrong ones are marked with a cross.",
        "Bring two folders of your own images.",
        lines=pictures.observe_digits,
    ),
    "filters": Term(
        "What each filter of the first convolution looks for: blue where it wants ink, orange where it wants none.",
        "Watch noise turn into strokes; a smaller kernel finds shorter ones.",
        lines=pictures.observe_filters,
    ),
    "feature maps": Term(
        "One image on its way through the network: where each filter found what it looks for.",
        "Click another digit, and compare what stays the same.",
        lines=pictures.observe_feature_maps,
    ),
    "reconstructions": Term(
        "Test images above, and what comes out of the narrow place below them.",
        "Leave only 2 numbers, and see which digits survive.",
        lines=pictures.observe_reconstructions,
    ),
    "latent space": Term(
        "Where each test image lies by the few numbers that are left of it, coloured by its class.",
        "Watch the colours part, although nobody tells the network which digit it is.",
        lines=pictures.observe_latent_space,
    ),
    "hidden state and gates": Term(
        "The numbers that a recurrent layer carries from step to step, and what its gates let through.",
        "Look at the forget gate: where it is near 1, the cell remembers.",
        lines=pictures.observe_states,
    ),
    "gradient through time": Term(
        "How much of the gradient is left at every earlier step, from the answer back to the beginning.",
        "Compare an RNN with an LSTM: one fades, the other does not.",
        "‖∂L/∂hₜ‖",
        pictures.observe_gradient_norm,
    ),
    "guesses row by row": Term(
        "What the network would answer after every row of the digit.",
        "Find the row after which it is sure.",
        lines=pictures.observe_rows,
    ),
    "text": Term(
        "Text that the network makes up, and below how likely it found each character that it had not seen.",
        "Watch spaces come first, then short words.",
        lines=pictures.observe_text,
    ),
    "attention": Term(
        "Who looks at whom: each row is a place that asks, each column one that is asked, a square for each head.",
        "In Reverse look for the other diagonal.",
        "A = softmax(Q Kᵀ / √d)",
        pictures.observe_attention,
    ),
    "accuracy at every place": Term(
        "The share of right answers at each place of the row.",
        "Which places come right first, the ends or the middle?",
        lines=pictures.observe_position_accuracy,
    ),
    "surface": Term(
        "A landscape whose height is the loss, and the ways that optimizers take down from the same start.",
        "Choose the ravine, and see who overshoots.",
        lines=pictures.observe_surface,
    ),
    "optimizers": Term(
        "How high each optimizer still stands: the lower, the better it came down from the same start.",
        "Choose another surface: the order changes, and no optimizer wins everywhere.",
        lines=pictures.observe_standings,
    ),
}
"""What the pictures show, by their names."""
