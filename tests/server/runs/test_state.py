"""What is known of a run, written and read again; what another version wrote too."""

import json

from server.runs.state import Change, LayerShape, Membership, Parent, RunState

STATE = RunState(
    steps_per_epoch=8,
    input_shape=[2],
    layers=[LayerShape("Dense", [16], 48), LayerShape("Dense", [3], 51)],
    parameters=99,
    examples=[240, 60],
    changes=[Change(0, {"name": "Adam", "learning_rate": 0.01}), Change(37, {"name": "Adam", "learning_rate": 0.05})],
    weights_loaded=True,
    parent=Parent("5f0c", 37),
    forked=True,
    group=Membership("ab12", "race", ["optimizer"], 1, [{"name": "SGD"}]),
)
FACTS_OF_0_3_0 = """{"steps_per_epoch": 8, "input_shape": [2],
    "layers": [
        {"name": "Dense", "output_shape": [16], "parameters": 48},
        {"name": "Dense", "output_shape": [3], "parameters": 51}
    ],
    "parameters": 99, "examples": [240, 60], "changes": [{"step": 0, "optimizer": {"name": "Adam", "learning_rate": 0.01}},
    {"step": 37, "optimizer": {"name": "Adam", "learning_rate": 0.05}}], "weights_loaded": true,
    "parent": {"run": "5f0c", "step": 37}, "forked": true,
    "group": {"id": "ab12", "kind": "race", "paths": ["optimizer"], "place": 1, "at": [{"name": "SGD"}]}}"""


MORE = {"best_step": None, "counted_from": None, "remedy": None, "tags": [], "imported": False}


def test_a_state_is_in_json_what_0_3_0_wrote_and_five_fields_more() -> None:
    assert json.loads(FACTS_OF_0_3_0) | MORE == json.loads(json.dumps(STATE.as_dict()))
    assert RunState.from_dict(json.loads(FACTS_OF_0_3_0)) == STATE
    empty = {
        "steps_per_epoch": None,
        "counted_from": None,
        "input_shape": None,
        "layers": [],
        "parameters": 0,
        "examples": None,
        "changes": [],
        "weights_loaded": False,
        "best_step": None,
        "parent": None,
        "forked": False,
        "group": None,
        "remedy": None,
        "tags": [],
        "imported": False,
    }
    assert RunState().as_dict() == empty
    assert RunState.from_dict(empty) == RunState.from_dict({}) == RunState()


def test_what_a_later_version_adds_is_left_out_and_what_is_missing_has_its_default() -> None:
    later = json.loads(FACTS_OF_0_3_0)
    later["mood"] = "good"
    for part in (later["layers"][0], later["changes"][1], later["parent"], later["group"]):
        part["mood"] = "good"
    del later["weights_loaded"]
    found = RunState.from_dict(later)
    assert (found.layers, found.changes, found.parent, found.group) == (STATE.layers, STATE.changes, STATE.parent, STATE.group)
    assert found.weights_loaded is False
