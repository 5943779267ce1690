"""What the doctor says can be sent as JSON, and its remedies are configurations that can be trained."""

import json

import pytest

import engine as nn
from engine.explain.finding import apply
from engine.explain.rules import RULES
from engine.training.causes import CAUSES

BEFORE = {
    "network": [{"layer": "Dense", "units": 8, "initializer": "xavier"}, {"layer": "Tanh"}],
    "optimizer": {"name": "Adam", "learning_rate": 0.01, "beta1": 0.5},
    "regularizer": None,
    "batch_size": 32,
}


@pytest.mark.parametrize(
    ("changes", "after"),
    [
        ({"optimizer": {"learning_rate": 1.0}}, {"optimizer": {"name": "Adam", "learning_rate": 1.0, "beta1": 0.5}}),
        ({"optimizer": {"name": "SGD", "learning_rate": 1.0}}, {"optimizer": {"name": "SGD", "learning_rate": 1.0}}),
        ({"optimizer.beta1": 0.9}, {"optimizer": {"name": "Adam", "learning_rate": 0.01, "beta1": 0.9}}),
        ({"network.0.initializer": "he"}, {"network": [{**BEFORE["network"][0], "initializer": "he"}, {"layer": "Tanh"}]}),  # type: ignore[index]
        ({"network.1": {"layer": "ReLU"}}, {"network": [BEFORE["network"][0], {"layer": "ReLU"}]}),  # type: ignore[index]
        ({"network": [{"layer": "ReLU"}]}, {"network": [{"layer": "ReLU"}]}),
        ({"regularizer": {"name": "L2", "strength": 0.1}}, {"regularizer": {"name": "L2", "strength": 0.1}}),
        ({"batch_size": 8}, {"batch_size": 8}),
    ],
)
def test_changes_are_laid_over_a_configuration_that_stays(changes: dict[str, object], after: dict[str, object]) -> None:
    before = json.dumps(BEFORE)
    assert apply(BEFORE, changes) == {**BEFORE, **after}
    assert json.dumps(BEFORE) == before


@pytest.mark.parametrize("path", ["network.2.units", "network.x.units", "optimiser.learning_rate", "network.2"])
def test_a_path_that_leads_nowhere_is_refused(path: str) -> None:
    with pytest.raises(KeyError):
        apply(BEFORE, {path: 1})


def test_the_catalog_explains_every_cause_that_a_rule_finds() -> None:
    causes = nn.catalog()["causes"]
    assert [cause["name"] for cause in causes] == list(CAUSES)
    assert {rule.cause for rule in RULES} <= CAUSES.keys()
    assert all(rule.__doc__ and "(" in rule.__doc__ for rule in RULES), "each names its source"
    for cause in causes:
        assert cause["kind"] in ("ill", "caution", "good")
        for sentence in (cause["help"], cause["advice"]):
            assert sentence[0].isupper(), cause["name"]
            assert sentence.endswith((".", "?")), cause["name"]
            assert len(sentence) <= 140, (cause["name"], len(sentence))
