"""What a person did to a network by hand, named where a rule sees only its effect: layers frozen, neurons silenced."""

from dataclasses import replace

from engine.explain.finding import Finding, Remedy
from engine.explain.rules.rule import named, neurons
from engine.explain.vitals import Record
from engine.layers import Layer

MANY = 0.5
"""The share of a layer's neurons from which on it is they that hold the gradient up."""


def by_hand(finding: Finding, record: Record) -> Finding:
    """Give a finding as it is, or with what was frozen or silenced in its sentence, and a remedy that takes that back."""
    if finding.cause == "step too small":
        return of_frozen(finding, record)
    if finding.cause in ("dead units", "vanishing gradient") and finding.layer is not None:
        return of_silenced(finding, record)
    return finding


def of_frozen(finding: Finding, record: Record) -> Finding:
    """Name the layers whose weights do not move since a person froze them."""
    layers = [(k, layer) for k, layer in enumerate(record.network.layers) if layer.parameters]
    frozen = [k for k, layer in layers if is_frozen(layer)]
    if not frozen:
        return finding
    if len(frozen) == len(layers):
        sentence = "All layers with weights are frozen: no weight moves, so nothing is learned."
    else:
        verb = "is frozen: its" if len(frozen) == 1 else "are frozen: their"
        places = " and ".join(str(k + 1) for k in frozen[:3]) + (" and more" if len(frozen) > 3 else "")
        sentence = f"Layer{'' if len(frozen) == 1 else 's'} {places} {verb} weights do not move. {finding.sentence}"
    learn = Remedy("Let all layers learn", {f"network.{k}.learning_rate_scale": 1.0 for k in frozen})
    others = finding.remedies if len(frozen) < len(layers) else ()
    return told(finding, sentence, {"frozen layers": len(frozen)}, learn, others)


def is_frozen(layer: Layer) -> bool:
    """Tell whether all weights of a layer, and of those inside it, have a learning rate of 0."""
    inside = [inner for inner in layer.inside if inner.parameters]
    return all(map(is_frozen, inside)) if inside else getattr(layer, "learning_rate_scale", 1.0) == 0.0


def of_silenced(finding: Finding, record: Record) -> Finding:
    """Name the layer whose neurons a person silenced: the one that seems dead, or one between it and the loss."""
    assert finding.layer is not None
    plans = record.network.plans
    last = finding.layer + 1 if finding.cause == "dead units" else len(plans)
    for k, about in list(enumerate(plans))[finding.layer : last]:
        layer, units = about.layer, about.output_shape[-1]
        if layer.silenced and len(layer.silenced) >= MANY * units:
            count = len(layer.silenced)
            sentence = (
                f"{count:,} of {neurons(units)} of {named(record, k)} are silenced by hand: no gradient goes through them."
            )
            speak = Remedy("Let them answer again", {f"network.{k}.silenced": None})
            return replace(told(finding, sentence, {"silenced": count}, speak, ()), layer=k)
    return finding


def told(finding: Finding, sentence: str, evidence: dict[str, float], remedy: Remedy, others: tuple[Remedy, ...]) -> Finding:
    """Say it so, where the finding has remedies with one that comes first."""
    remedies = (remedy, *others) if finding.remedies else ()
    return replace(finding, sentence=sentence, evidence={**finding.evidence, **evidence}, remedies=remedies)
