"""The rules: each finds one cause."""

from engine.explain.rules.rule import Rule
from engine.explain.rules.set_up import LinearStack, SoftmaxTwice
from engine.explain.rules.steps import NotFinite, StepTooLarge

RULES: tuple[type[Rule], ...] = (SoftmaxTwice, LinearStack, NotFinite, StepTooLarge)
"""All rules, in any order: what is said first follows from the order of CAUSES."""
