"""What can go wrong while a network learns: each cause with what it means, what to try, and who described it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Cause:
    """A thing that the doctor can find: its title, why it does harm, what to try, the source, and where it is seen."""

    title: str
    help: str
    """What it means, and why it does harm; of what does none, why that is good."""
    advice: str
    source: str
    picture: str | None = None
    """The picture or the column of the log in which its evidence is seen; None where it is in neither."""
    kind: str = "ill"
    """"ill": it learns badly or not at all; "caution": it learns, but not as it could; "good": no alarm."""


CAUSES: dict[str, Cause] = {
    "linear stack": Cause(
        "Layers without an activation between",
        "Two matrices in a row are one matrix: without an activation between them, two layers can draw no more than one.",
        "Put an activation between them.",
        "Nikanjam, Ben Braiek, Morovati & Khomh (2021), Automatic fault detection for deep learning programs (NeuraLint)",
    ),
    "softmax twice": Cause(
        "Softmax twice",
        "Cross-entropy makes probabilities of logits itself; a Softmax before it flattens all answers, and the gradient too.",
        "Remove the last Softmax: the loss brings its own.",
        "Schoop, Huang & Hartmann (2021), UMLAUT: debugging deep learning programs using program structure and model behavior",
        "loss",
    ),
    "inputs not scaled": Cause(
        "Inputs not scaled",
        "One rate serves all weights: of inputs a thousand times apart, one moves its weights too far or the other too little.",
        "Standardize each input: take its mean away, divide by its standard deviation.",
        "LeCun, Bottou, Orr & Müller (1998), Efficient backprop; Wardat, Cruz, Le & Rajan (2022), DeepDiagnosis",
    ),
    "first weights too large": Cause(
        "First weights too large",
        "Untrained, a network should be unsure; with large first weights it is sure and wrong, and must unlearn that.",
        "Begin anew with first weights whose variance fits the layer: xavier or he.",
        "Karpathy (2015), CS231n: look for the correct loss at chance performance; Glorot & Bengio (2010)",
        "loss",
    ),
    "identical units": Cause(
        "Neurons that are all the same",
        "Neurons with the same weights get the same gradient and stay the same: the layer is one neuron, however many it has.",
        "Begin anew with random first weights: xavier or he.",
        "Rumelhart, Hinton & Williams (1986), Learning internal representations by error propagation, on breaking symmetry",
        "layer statistics",
    ),
    "penalty too strong": Cause(
        "Penalty too strong",
        "The penalty pulls the weights to zero harder than the data pull them elsewhere, so the answers stay all alike.",
        "Take a hundredth of its strength.",
        "Krogh & Hertz (1991), A simple weight decay can improve generalization; Karpathy (2015), CS231n",
        "penalty",
    ),
    "not finite": Cause(
        "The loss is no number",
        "A step went so far that a number outgrew what a computer can hold; after that there is no way back.",
        "Take a smaller learning rate, or shorten long gradients.",
        "Godbole, Dahl, Gilmer, Shallue & Nado (2023), Deep learning tuning playbook",
        "loss",
    ),
    "exploding gradient": Cause(
        "Gradients that explode",
        "Now and then a gradient is many times as long as usual, and a single step undoes what many have learned.",
        "Shorten long gradients: clip them at the length that nine of ten stay below.",
        "Pascanu, Mikolov & Bengio (2013), On the difficulty of training recurrent neural networks",
        "gradient norm",
    ),
    "step too large": Cause(
        "Steps too large",
        "Each step overshoots the valley that it aims at, so the loss jumps about or stays up.",
        "Take a third or a tenth of the learning rate.",
        "Karpathy (2015), CS231n: the ratio of updates to weights should be about 0.001",
        "learning rate",
    ),
    "step too small": Cause(
        "Steps too small",
        "The gradient shows the way, but the steps are so short that it would take for ever.",
        "Take ten times the learning rate.",
        "Karpathy (2015), CS231n: the ratio of updates to weights should be about 0.001",
        "learning rate",
    ),
    "noisy steps": Cause(
        "Steps that contradict each other",
        "A gradient of few examples is a rough guess, and at this rate each step undoes a part of the one before.",
        "Take a larger batch, or let the learning rate fall towards the end.",
        "Smith, Kindermans, Ying & Le (2018), Don't decay the learning rate, increase the batch size",
        "loss",
        "caution",
    ),
    "dead units": Cause(
        "Silent neurons",
        "A ReLU that answers 0 to every example passes no gradient, so its weights never move again.",
        "Begin anew with he and a smaller rate, or take LeakyReLU, through which a little always passes.",
        "Lu, Shin, Su & Karniadakis (2020), Dying ReLU and initialization",
        "layer statistics",
    ),
    "saturated": Cause(
        "Saturated neurons",
        "Far out, tanh and sigmoid are flat: where the slope is nearly zero, hardly any gradient comes through.",
        "Begin with smaller first weights, or normalize before the activation.",
        "Glorot & Bengio (2010), Understanding the difficulty of training deep feedforward neural networks",
        "layer statistics",
    ),
    "vanishing gradient": Cause(
        "The gradient fades on its way back",
        "Each layer passes on a part of the gradient; through many, hardly any reaches the first, which then learn nothing.",
        "Take ReLU with he, a straight way past (Residual) or a normalization; in place of a plain RNN an LSTM.",
        "Bengio, Simard & Frasconi (1994), Learning long-term dependencies with gradient descent is difficult",
        "layer statistics",
    ),
    "class imbalance": Cause(
        "One class outnumbers the others",
        "Who always names the frequent class is nearly always right, so the network learns little about the rare ones.",
        "Let the rare classes count more, and judge by the confusion, not by the accuracy.",
        "He & Garcia (2009), Learning from imbalanced data",
        "accuracy",
        "caution",
    ),
    "nothing to learn": Cause(
        "Nothing to learn from",
        "It learns its examples by heart and guesses on all others: the inputs may say nothing about what is asked.",
        "Look at inputs and labels: do they belong together?",
        "Zhang, Bengio, Hardt, Recht & Vinyals (2017), Understanding deep learning requires rethinking generalization",
        "accuracy",
    ),
    "cannot fit": Cause(
        "It cannot fit the data",
        "Steps and gradients are healthy, and still it does not get better: the network may be too small for the task.",
        "Give it more neurons, or another layer.",
        "Karpathy (2019), A recipe for training neural networks: first get a model large enough that it can overfit",
        "loss",
    ),
    "overfitting": Cause(
        "It learns by heart",
        "It gets better on the examples that it trains on and worse on others: it remembers instead of understanding.",
        "Take more data, fewer neurons, a penalty or dropout, or stop where the test loss was lowest.",
        "Prechelt (1998), Early stopping, but when?; Godbole et al. (2023), Deep learning tuning playbook",
        "test_loss",
        "caution",
    ),
    "learned": Cause(
        "It has learned this",
        "The loss stays within one per cent of its best: more steps would change nothing.",
        "Stop, or try something harder.",
        "Prechelt (1998), Early stopping, but when?",
        "loss",
        "good",
    ),
}
"""By name, most causal first: what stands earlier explains what stands later."""

ORDER = {cause: place for place, cause in enumerate(CAUSES)}
"""The place of each cause, the most causal first."""
