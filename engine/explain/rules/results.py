"""What comes out: answers by heart, by habit, by chance, not at all, or well."""

import numpy as np

from engine.explain.finding import Finding, Remedy
from engine.explain.rules.remedies import LayerSpec, network_of
from engine.explain.rules.rule import Rule, neurons
from engine.explain.rules.set_up import is_straight, straight_answers, straight_is_enough
from engine.explain.vitals import Record
from engine.explain.words import number, percent
from engine.layers import Dense
from engine.losses import CrossEntropy
from engine.training.events import Metrics


class ClassImbalance(Rule):
    """One class with ten times the examples of another, and no weights that make up for it.

    He & Garcia (2009), Learning from imbalanced data.
    """

    cause = "class imbalance"
    at_start = True

    TIMES, ENOUGH, ASKED = 10.0, 0.8, 64

    def recognized(self, record: Record, rare: int) -> float:
        """Measure the share of the rarest class that is recognized, of those for testing where there are any."""
        task = record.training.task
        sets = ((task.x_test, task.target_test), (task.x, task.target))
        for x, target in sets:
            if len(chosen := np.flatnonzero(target == rare)[: self.ASKED]):
                return float(np.mean(record.network.predict(task.to_input(x[chosen])).argmax(axis=-1) == rare))
        return 0.0

    def examine(self, record: Record) -> Finding | None:
        training = record.training
        target, loss = training.task.target, training.loss
        if training.task.kind != "classes" or target.ndim != 1 or not isinstance(loss, CrossEntropy) or loss.class_weights:
            return None
        classes = record.network.output_shape[-1]
        counts = np.bincount(target[target >= 0].astype(np.intp), minlength=classes)
        if not counts.min() or counts.max() < self.TIMES * counts.min():
            return None
        often, rare = int(counts.argmax()), int(counts.argmin())
        if record.step and self.recognized(record, rare) > self.ENOUGH:
            return None
        names = getattr(training.task, "classes", None)
        names = names if isinstance(names, list) else list(range(classes))
        share = float(counts.max() / counts.sum())
        sentence = f"{percent(share)} are right by always saying {names[often]}; of {names[rare]} there are {counts.min():,}."
        weights = [float(f"{counts.sum() / classes / count:.2g}") for count in counts]
        remedy = Remedy("Let rare classes count more", {"loss": {"class_weights": weights}})
        evidence = {
            "share of the largest class": share,
            "largest class": int(counts.max()),
            "smallest class": int(counts.min()),
        }
        return self.found(record, sentence, evidence, [remedy], None, 0)


class Overfitting(Rule):
    """A test loss that rises while the training loss falls, with a wide gap between both.

    Prechelt (1998), Early stopping, but when?; Godbole et al. (2023), Deep learning tuning playbook.
    """

    cause = "overfitting"
    lasts = 2

    RISEN, HARM, GAP, ROWS, TIMES, MEASURED = 1.25, 0.05, 0.1, 5, 3.0, 300
    WEIGHTS, SETTLED, WORSE, AFTER = 100, 0.02, 1.15, 200

    def examine(self, record: Record) -> Finding | None:
        rows, best = record.rows, record.lowest
        if len(rows) < 2 * self.ROWS or record.baseline is None or best is None:
            return None
        if (found := self.by_heart(record)) is not None:
            return found
        lately = rows[-self.ROWS :]
        if lately[0].step <= best.step:
            return None
        test, loss = mean(lately, "test_loss"), mean(lately, "loss")
        risen = test / max(best.test_loss or 0.0, 1e-12)
        harm = test - (best.test_loss or 0.0)
        if risen < self.RISEN or loss > best.loss or harm < self.HARM * record.baseline:
            return None
        accuracy, tested = mean(lately, "accuracy"), mean(lately, "test_accuracy")
        shares = rows[-1].accuracy is not None and rows[-1].test_accuracy is not None
        wide = test > self.TIMES * loss and not record.reached
        if not (wide or (shares and accuracy - tested > self.GAP)):
            return None
        task, number_of = record.training.task, min(len(record.training.task.x), self.MEASURED)
        known, right = record.training.measure(task.x[:number_of], task.target[:number_of])  # as others are: norms stand still
        wide = known is not None and test > self.TIMES * known and not record.reached
        if known is None or not (wide or (shares and (right or 0.0) - tested > self.GAP)):
            return None
        loss, accuracy = known, right or 0.0
        if shares:
            sentence = (
                f"{percent(accuracy)} of the {number_of:,} training examples are right, {percent(tested)} of others; "
                f"worse since step {best.step:,}."
            )
        else:
            sentence = (
                f"Loss {number(loss)} on the {number_of:,} training examples, {number(test)} on others, where it rises "
                f"since step {best.step:,}."
            )
        evidence = {
            "examples": number_of,
            "lowest test loss": best.test_loss,
            "at step": best.step,
            "test loss": test,
            "loss": loss,
            **({"accuracy": accuracy, "test accuracy": tested} if shares else {}),
        }
        return self.found(record, sentence, evidence, self.remedies(record, best.step), None, best.step)

    def by_heart(self, record: Record) -> Finding | None:
        """Say so where a hundred weights serve one example, all is learned that can be, and others are worse."""
        examples, weights = record.training.task.examples, record.network.theta.size
        now, half = record.now, record.before(record.step // 2)
        if now is None or half is None or now.step < self.AFTER or weights < self.WEIGHTS * examples or record.reached:
            return None
        rows = record.rows[-self.ROWS :]
        test, loss = mean(rows, "test_loss"), mean(rows, "loss")
        settled = abs(half.loss - now.loss) < self.SETTLED * (record.baseline or 1.0) and record.level < 0.5
        if not settled or rows[-1].test_loss is None or test < self.WORSE * max(loss, 1e-12):
            return None
        sentence = (
            f"{weights:,} weights learned {examples:,} examples by heart, up to a loss of {number(loss)}; "
            f"on others it is {number(test)}."
        )
        evidence = {"weights": weights, "examples": examples, "loss": loss, "test loss": test}
        return self.found(record, sentence, evidence, self.remedies(record, record.lowest.step if record.lowest else 0))

    def remedies(self, record: Record, best: int) -> list[Remedy]:
        """Stop where the test loss was lowest, more data where they are drawn, a penalty, fewer units."""
        configuration = record.training.configuration
        found = [Remedy("Stop when the test loss rises", {"patience": max(100, best // 2)})]
        points = configuration.data.get("points")
        if isinstance(points, int) and points < 1000:
            more = max(1000, 4 * points)
            found.insert(0, Remedy(f"{more:,} points", {"data": {"points": more}}))
        if not configuration.regularizer:
            found.append(Remedy("L2 of strength 0.001", {"regularizer": {"name": "L2", "strength": 0.001}}))
        return found


def mean(rows: list[Metrics], column: str) -> float:
    """Average a column over rows, those without a value not counted."""
    values = [value for row in rows if (value := getattr(row, column)) is not None]
    return float(np.mean(values)) if values else 0.0


class CannotFit(Rule):
    """A loss that stands still high up though steps and gradients are healthy: too small, or a line where a curve is needed.

    Karpathy (2019), A recipe for training neural networks: first get a model large enough that it can overfit.
    """

    cause = "cannot fit"
    lasts = 2

    STILL, UNLEARNED, AFTER = 0.05, 0.25, 400

    def examine(self, record: Record) -> Finding | None:
        if record.reached:
            return None
        if (found := self.straight(record)) is not None:
            return found
        now, past = record.now, record.before(record.step * 3 // 4)
        if now is None or past is None or now.step < self.AFTER or record.baseline is None:
            return None
        lately = float(np.mean([look.loss for look in record.lately(record.step // 8)] or [now.loss]))
        earlier = float(np.mean([look.loss for look in record.looks if past.step - record.step // 8 < look.step <= past.step]))
        if not earlier > 0:
            return None
        fallen = 1 - lately / earlier
        level = lately / record.baseline
        layer, units = record.narrowest
        if fallen > self.STILL or level > 1.15 or level < self.UNLEARNED:
            return None
        if not record.narrow:
            return None
        sentence = (
            f"With {neurons(units)} in layer {layer + 1} the loss stands at {number(lately)}: it fell by "
            f"{percent(max(fallen, 0.0))} in {now.step - past.step:,} steps."
        )
        evidence = {"loss": lately, "fallen": max(fallen, 0.0), "steps": now.step - past.step, "neurons": units}
        return self.found(record, sentence, evidence, self.larger(record), layer)

    def straight(self, record: Record) -> Finding | None:
        """Say at once that one layer draws a straight line, where the best one is not enough."""
        layers = record.network.layers
        weighted = [i for i, layer in enumerate(layers) if layer.parameters and isinstance(layer, Dense)]
        if len(weighted) != 1 or not is_straight(layers):
            return None
        best = straight_answers(record)
        if best is None or straight_is_enough(record):
            return None
        what = "right" if record.training.task.kind == "classes" else "of the variance explained"
        plain = record.network.input_shape == record.training.task.x.shape[1:]  # no squares or products of what is drawn
        draws = "draws a straight line, and the best one" if plain else "only weighs and adds, and the best sum"
        sentence = f"One layer {draws} gets {percent(max(best, 0.0))} {what}."
        return self.found(record, sentence, {"best straight line": best}, self.larger(record), weighted[0], 0)

    def larger(self, record: Record) -> list[Remedy]:
        """Take more units, or another layer."""
        network = network_of(record)
        last = next((i for i in reversed(range(len(network))) if network[i]["layer"] == "Dense"), len(network))
        another: list[LayerSpec] = [{"layer": "Dense", "units": 16}, {"layer": "Tanh"}]
        hidden = [i for i in range(last) if "units" in network[i]]
        if not hidden:
            return [
                Remedy(f"{words} of 16", {"network": [*network[:last], *another * layers, *network[last:]]})
                for layers, words in ((2, "Two hidden layers"), (1, "One hidden layer"))
            ]
        wide = [{**one, "units": max(16, 4 * one["units"])} if i in hidden else one for i, one in enumerate(network)]
        deep = [*wide[:last], *another, *wide[last:]]
        return [Remedy("More neurons, and another layer", {"network": deep}), Remedy("More neurons", {"network": wide})]


class NothingToLearn(Rule):
    """It learns its examples, and on all others it is as good as guessing.

    Zhang, Bengio, Hardt, Recht & Vinyals (2017), Understanding deep learning requires rethinking generalization.
    """

    cause = "nothing to learn"
    lasts = 3

    CHANCE, BY_HEART, AFTER, STILL, SMALL = 0.95, 0.93, 200, 0.03, 3e-4
    OF_ROWS, OF_OTHERS, GUESSED = 2 / 3, 1 / 3, 0.1

    def examine(self, record: Record) -> Finding | None:
        now, chance, guessed = record.now, record.baseline, record.test_baseline
        if now is None or chance is None or guessed is None or record.reached or record.step < self.AFTER or record.narrow:
            return None
        if record.network.theta.size >= Overfitting.WEIGHTS * record.training.task.examples:
            return None  # so few examples leave open what there is to learn
        rows = [row for row in record.rows if row.test_loss is not None and row.step]
        if len(rows) < 10 or is_straight(record.network.layers):
            return None
        loss, test = mean(rows[-5:], "loss"), mean(rows[-5:], "test_loss")
        if loss > 1.1 * chance:
            return None
        tested_losses = [row.test_loss or 0.0 for row in rows]
        lowest = min(sum(tested_losses[i : i + 5]) / 5 for i in range(0, len(rows) - 4, max(1, len(rows) // 50)))
        if lowest < self.CHANCE * guessed:
            return None
        by_heart = loss < self.BY_HEART * chance
        past = record.before(record.step // 2)
        stands = past is not None and now.loss > (1 - self.STILL) * past.loss and now.ratio.max() > self.SMALL
        rows_are_read = len(record.network.input_shape) == 2 or record.training.task.tokens is not None
        part = self.OF_ROWS if rows_are_read else self.OF_OTHERS  # the spark comes late
        long_enough = record.step > max(3 * self.AFTER, part * record.training.configuration.steps)
        if not by_heart and not (stands and long_enough):
            return None
        if record.training.task.kind == "classes":
            tested = mean(rows[-5:], "test_accuracy")
            counted = record.training.task.target.reshape(-1)
            if tested > self.GUESSED + np.bincount(counted[counted >= 0].astype(np.intp)).max() / max(counted.size, 1):
                return None
            others = f"{percent(tested)} of others are right, as by guessing"
            evidence: dict[str, float] = {
                "loss": loss,
                "test loss": test,
                "test loss by chance": guessed,
                "test accuracy": tested,
            }
        else:
            others = f"the loss on others is {number(test)}, as by saying the mean"
            evidence = {"loss": loss, "test loss": test, "test loss by chance": guessed}
        does = "It learns its examples by heart" if by_heart else f"The loss stands at {number(loss)}"
        sentence = f"{does}; {others}."
        return self.found(record, sentence, evidence, self.remedies(record))

    def remedies(self, record: Record) -> list[Remedy]:
        """Compare with another draw of the data: what is to be learned is no choice of the network's."""
        seed = record.training.configuration.seed
        return [Remedy("Another seed, to compare", {"seed": seed + 1 if seed < 2**31 - 1 else 0})]


class Learned(Rule):
    """The goal is reached, and for a fifth of the steps the loss has hardly changed.

    Prechelt (1998), Early stopping, but when?
    """

    cause = "learned"
    lasts = 2

    STILL = 0.01

    def examine(self, record: Record) -> Finding | None:
        now, past = record.now, record.before(record.step * 4 // 5)
        if not record.reached or now is None or past is None or now.step < 100 or not record.chance:
            return None
        still = self.STILL * record.chance
        if past.loss - now.loss > still or now.loss > min(look.loss for look in record.looks) + still:
            return None
        steps = now.step - past.step
        sentence = f"It has learned this: for {steps:,} steps the loss has stayed near {number(now.loss)}."
        return self.found(record, sentence, {"loss": now.loss, "steps": steps}, [], None)
