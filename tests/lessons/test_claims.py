"""Every lesson in the box is true: its goals are reached as it says, and not otherwise."""

import pytest

from server.lessons.lesson_file import boxed
from tests.lessons.claims import CLAIMS, FIGURES, Claim, holds, judged

SEED = 3


@pytest.mark.parametrize("claim", CLAIMS, ids=[f"{c.lesson} {c.step} {'is' if c.reached else 'not'} {c.words}" for c in CLAIMS])
def test_a_goal_is_reached_as_the_lesson_says(claim: Claim) -> None:
    right, verdict = holds(claim, SEED)
    assert right, verdict


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_as_the_lesson_says(name: str) -> None:
    right, words = FIGURES[name](SEED)
    assert right, words


def test_the_seeds_that_the_lesson_of_starts_names_are_lucky_and_unlucky() -> None:
    assert judged("same-network", 2, {"seed": 4}).reached is not None
    assert judged("same-network", 1, {"seed": 2}).reached is not None
    wider = {"network": [{"layer": "Dense", "units": 4}, {"layer": "Tanh"}, {"layer": "Dense"}]}
    assert judged("same-network", 3).reached is None
    assert judged("same-network", 3, wider).reached is not None


def test_every_lesson_in_the_box_has_its_claims() -> None:
    assert {claim.lesson for claim in CLAIMS} | {*FIGURES} == {*boxed()}
