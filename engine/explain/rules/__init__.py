"""The rules: each finds one cause."""

from engine.explain.rules.results import CannotFit, ClassImbalance, Learned, NothingToLearn, Overfitting
from engine.explain.rules.rule import Rule
from engine.explain.rules.set_up import FirstWeightsTooLarge, IdenticalUnits, InputsNotScaled, LinearStack, SoftmaxTwice
from engine.explain.rules.signals import DeadUnits, ExplodingGradient, Saturated, VanishingGradient
from engine.explain.rules.steps import NoisySteps, NotFinite, PenaltyTooStrong, StepTooLarge, StepTooSmall

RULES: tuple[type[Rule], ...] = (
    LinearStack,
    SoftmaxTwice,
    InputsNotScaled,
    FirstWeightsTooLarge,
    IdenticalUnits,
    NotFinite,
    PenaltyTooStrong,
    StepTooLarge,
    StepTooSmall,
    DeadUnits,
    Saturated,
    VanishingGradient,
    ExplodingGradient,
    NoisySteps,
    ClassImbalance,
    Overfitting,
    CannotFit,
    NothingToLearn,
    Learned,
)
"""All rules, in any order: what is said first follows from the order of CAUSES."""
