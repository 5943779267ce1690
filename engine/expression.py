"""A number as the formula that it came from: a small tree, whose leaves are cells of arrays.

    e = total(q("x", n, i) * q("W", i, j) for i in range(3)) + q("b", j)

Layers, losses and optimizers write their own with what stands here. It stands below them, since nobody imports upwards;
engine/explain/expression.py hands it on to those who look.
"""

import itertools
import math
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any

import numpy as np

from engine.arrays import Array, in_words

ALL = None
"""All places of an axis, in `dot`."""
Axis = int | Sequence[int] | None
FEW_TERMS = 64
"""Up to so many terms a sum is made at once; longer ones of products only when somebody asks for a term."""
SHOWN_TERMS = 6
"""How many terms of a long sum are printed, the largest ones; the others are added up."""
DIGITS = 3
LETTERS = {
    "alpha": "α", "beta": "β", "beta1": "β₁", "beta2": "β₂", "gamma": "γ", "delta": "δ", "epsilon": "ε", "eta": "η",
    "theta": "θ", "lambda": "λ", "mu": "μ", "rho": "ρ", "sigma": "σ", "psi": "ψ",
}  # fmt: skip
NAMES = {"sigmoid": "σ"}
PLAIN, POWER, PRODUCT, SUM = 0, 1, 2, 3
"""How tightly a printed expression holds together; what is looser than its place allows gets brackets."""


def exp(x: float) -> float:
    """Compute  eˣ,  ∞ where it is too large."""
    return math.exp(x) if x < 709 else math.inf


FUNCTIONS: dict[str, Callable[[float], float]] = {
    "exp": exp,
    "log": lambda x: math.log(x) if x > 0 else (-math.inf if x == 0 else math.nan),
    "tanh": math.tanh,
    "sigmoid": lambda x: 0.5 * math.tanh(0.5 * x) + 0.5,
    "erf": math.erf,
    "abs": abs,
    "sign": lambda x: float((x > 0) - (x < 0)),
    "sin": math.sin,
    "cos": math.cos,
    "floor": math.floor,
}
"""The functions of one number that a formula may name."""


class Expression:
    """A number and how it is computed: `evaluate` does it anew, from the leaves alone."""

    __slots__ = ()

    def evaluate(self) -> float:
        """Compute the value from the leaves."""
        raise NotImplementedError

    def parts(self) -> Sequence["Expression"]:
        """Give what it is made of, one level down."""
        return ()

    def leaves(self) -> list["Value"]:
        """List the cells of arrays that it is made from, in the formula's order; the 1 of 1 − y is none."""
        return [leaf for part in self.parts() for leaf in part.leaves()]

    def first_leaves(self, most: int) -> list["Value"]:
        """List some of its leaves, so many at the most; of a very long sum those of its largest terms."""
        found: list[Value] = []
        for part in self.parts():
            if len(found) >= most:
                break
            found += part.first_leaves(most - len(found))
        return found

    def count(self) -> int:
        """Count its leaves."""
        return sum(part.count() for part in self.parts())

    def names(self) -> set[str]:
        """Name the arrays that its leaves are cells of."""
        return set().union(*(part.names() for part in self.parts()))

    def uses(self, symbol: str, index: tuple[int, ...]) -> bool:
        """Tell whether a cell is among its leaves."""
        return any(part.uses(symbol, index) for part in self.parts())

    def text(self, numbers: bool = True) -> tuple[str, int]:
        """Write it in one line, and say how tightly that holds together."""
        raise NotImplementedError

    def markup(self, numbers: bool) -> tuple[str, int]:
        """Write it as MathML, and say how tightly that holds together."""
        raise NotImplementedError

    def mathml(self, numbers: bool = False) -> str:
        """Write it as a <math> element: with symbols and the places of the cells, or with their numbers.

        Every cell is a <mrow class="leaf"> that says its data-symbol, data-index and exact data-value.
        """
        return f'<math xmlns="http://www.w3.org/1998/Math/MathML" display="block">{self.markup(numbers)[0]}</math>'

    def symbols(self) -> str:
        """Write it in one line with symbols:  x[0,1] · W[1,2] + b[2]."""
        return self.text(numbers=False)[0]

    def __str__(self) -> str:
        """Write it in one line with numbers; long sums are shortened so that what is printed adds up."""
        return self.text()[0]

    def __repr__(self) -> str:
        return f"<{self.symbols()} = {number(self.evaluate())}>"

    def __add__(self, other: "Expression | float") -> "Expression":
        terms = [*self.parts()] if isinstance(self, Sum) else [self]
        return Sum([*terms, *other.parts()] if isinstance(other, Sum) else [*terms, expression(other)])

    def __radd__(self, other: float) -> "Expression":
        return self if other == 0 else Sum([expression(other), self])

    def __sub__(self, other: "Expression | float") -> "Expression":
        return self + -expression(other)

    def __rsub__(self, other: float) -> "Expression":
        return Sum([expression(other), -self])

    def __neg__(self) -> "Expression":
        return Product([expression(-1), self])

    def __mul__(self, other: "Expression | float") -> "Expression":
        factors = [*self.parts()] if isinstance(self, Product) else [self]
        return Product([*factors, *other.parts()] if isinstance(other, Product) else [*factors, expression(other)])

    def __rmul__(self, other: float) -> "Expression":
        return expression(other) * self

    def __truediv__(self, other: "Expression | float") -> "Expression":
        return Quotient(self, expression(other))

    def __rtruediv__(self, other: float) -> "Expression":
        return Quotient(expression(other), self)

    def __pow__(self, exponent: "Expression | float") -> "Expression":
        return Power(self, expression(exponent))

    def __rpow__(self, base: float) -> "Expression":
        return Power(expression(base), self)


class Value(Expression):
    """A leaf: the cell of an array, by its symbol and index; a number of the formula itself has no symbol."""

    __slots__ = ("index", "symbol", "value")

    def __init__(self, symbol: str, index: tuple[int, ...], value: float) -> None:
        self.symbol, self.index, self.value = symbol, index, value

    def evaluate(self) -> float:
        return self.value

    def leaves(self) -> list["Value"]:
        return [self] if self.symbol else []

    def first_leaves(self, most: int) -> list["Value"]:
        return self.leaves()

    def count(self) -> int:
        return int(bool(self.symbol))

    def names(self) -> set[str]:
        return {self.symbol} - {""}

    def uses(self, symbol: str, index: tuple[int, ...]) -> bool:
        return self.symbol == symbol and self.index == index

    def text(self, numbers: bool = True) -> tuple[str, int]:
        if numbers or not self.symbol:
            written = number(self.value)
            return written, SUM if written.startswith("−") else PLAIN
        return f"{letter(self.symbol)}{list(self.index)}".replace(" ", "").removesuffix("[]"), PLAIN

    def markup(self, numbers: bool) -> tuple[str, int]:
        written, level = self.text()
        inner = digits(written)
        if not self.symbol:
            return inner, level
        if not numbers:
            level, name = PLAIN, f"<mi>{escape(letter(self.symbol))}</mi>"
            places = "<mo>,</mo>".join(f"<mn>{i}</mn>" for i in self.index)
            inner = f"<msub>{name}<mrow>{places}</mrow></msub>" if self.index else name
        where = f'data-symbol="{escape(self.symbol)}" data-index="{",".join(map(str, self.index))}" data-value="{self.value!r}"'
        return f'<mrow class="leaf" {where}>{inner}</mrow>', level


class Sum(Expression):
    """Terms that are added up."""

    __slots__ = ("terms",)

    def __init__(self, terms: Sequence[Expression]) -> None:
        self.terms = terms

    def evaluate(self) -> float:
        return float(sum(term.evaluate() for term in self.terms))

    def parts(self) -> Sequence[Expression]:
        return self.terms

    def shown(self) -> tuple[list[Expression], int, float]:
        """Choose the terms that are printed, in their order; count the others, and add them up."""
        terms, more, left = list(self.terms), 0, 0.0
        if any(isinstance(term, LongSum) for term in terms):  # its terms stand beside the others
            apart = [term.shown() if isinstance(term, LongSum) else ([term], 0, 0.0) for term in terms]
            terms, more = [term for some, _, _ in apart for term in some], sum(count for _, count, _ in apart)
            left = float(sum(rest for _, _, rest in apart))
        if len(terms) <= SHOWN_TERMS + 1:
            return terms, more, left
        values = [term.evaluate() for term in terms]
        by_size = sorted(range(len(values)), key=lambda i: -abs(values[i]) if values[i] == values[i] else -math.inf)
        some = set(by_size[:SHOWN_TERMS])
        rest = float(sum(value for i, value in enumerate(values) if i not in some))
        return [terms[i] for i in sorted(some)], more + len(values) - len(some), left + rest

    def text(self, numbers: bool = True) -> tuple[str, int]:
        terms, more, rest = self.shown()
        line = ""
        for term in terms:
            negative, positive = without_sign(term)
            written, level = positive.text(numbers)
            written = f"({written})" if negative and level == SUM else written
            sign = "−" if negative or written.startswith("−") else "+"
            written = written if negative else written.removeprefix("−")
            line = f"{line} {sign} {written}" if line else f"{sign}{written}".removeprefix("+")
        if more:
            line += f" + ({more:,} more = {number(rest)})"
        return line or "0", SUM

    def markup(self, numbers: bool) -> tuple[str, int]:
        terms, more, rest = self.shown()
        written = ""
        for term in terms:
            negative, positive = without_sign(term)
            inner, level = positive.markup(numbers)
            signed = level == SUM or (numbers and positive.text()[0].startswith("−"))
            inner = bracketed(inner) if signed and (negative or written) else inner
            sign = "<mo>−</mo>" if negative else "<mo>+</mo>" if written else ""
            written += f'{sign}<mrow class="term">{inner}</mrow>'
        if more:
            text = f"<mtext>{more:,} more =</mtext><mspace width='0.3em'/>{digits(number(rest))}"
            written += f'<mo>+</mo><mrow class="rest">{bracketed(text)}</mrow>'
        return f"<mrow>{written or '<mn>0</mn>'}</mrow>", SUM


class LongSum(Sum):
    """Very many products of cells, which become terms only when somebody asks for them: until then it is sums of arrays."""

    __slots__ = ("axes", "made", "named", "values")

    def __init__(self, named: Sequence[str], axes: Sequence[Sequence[Sequence[int]]], values: Array) -> None:
        self.named, self.axes, self.values, self.made = named, axes, values, False

    def __getattr__(self, name: str) -> Any:
        """Make the terms when they are first asked for."""
        if name != "terms":
            raise AttributeError(name)
        self.made = True
        self.terms = [self.term(*at) for at in enumerate(zip(*(itertools.product(*axes) for axes in self.axes), strict=True))]
        return self.terms

    def term(self, i: int, places: Sequence[tuple[int, ...]]) -> Expression:
        """Write the i-th term, whose cells have these places."""
        given = zip(self.named, places, self.values[:, i].tolist(), strict=True)
        cells = [Value(symbol, place, value) for symbol, place, value in given]
        return cells[0] if len(cells) == 1 else Product(cells)

    def evaluate(self) -> float:
        return super().evaluate() if self.made else float(self.values.prod(axis=0).sum())

    def count(self) -> int:
        return int(self.values.size)

    def names(self) -> set[str]:
        return set(self.named)

    def uses(self, symbol: str, index: tuple[int, ...]) -> bool:
        cells = (axes for name, axes in zip(self.named, self.axes, strict=True) if name == symbol)
        return any(all(i in axis for i, axis in zip(index, axes, strict=True)) for axes in cells)

    def first_leaves(self, most: int) -> list[Value]:
        return [leaf for term in self.largest(max(1, most // len(self.named)))[0] for leaf in term.leaves()][:most]

    def shown(self) -> tuple[list[Expression], int, float]:
        return super().shown() if self.made else self.largest(SHOWN_TERMS)

    def largest(self, most: int) -> tuple[list[Expression], int, float]:
        """Make the largest terms, so many at the most, in their order; count the others, and add them up."""
        products = self.values.prod(axis=0)
        some = np.sort(np.argsort(-np.abs(products), kind="stable")[:most])
        terms = []
        for i in some.tolist():
            at = (np.unravel_index(i, [len(axis) for axis in axes]) for axes in self.axes)
            places = [
                tuple(axis[int(k)] for axis, k in zip(axes, ks, strict=True)) for axes, ks in zip(self.axes, at, strict=True)
            ]
            terms.append(self.term(i, places))
        rest = float(products.sum() - products[some].sum()) if np.isfinite(products).all() else math.nan
        return terms, len(products) - len(some), rest

    def __add__(self, other: Expression | float) -> Expression:
        return Sum([self, expression(other)])


class Product(Expression):
    """Factors that are multiplied."""

    __slots__ = ("factors",)

    def __init__(self, factors: Sequence[Expression]) -> None:
        self.factors = factors

    def evaluate(self) -> float:
        return math.prod(factor.evaluate() for factor in self.factors)

    def parts(self) -> Sequence[Expression]:
        return self.factors

    def text(self, numbers: bool = True) -> tuple[str, int]:
        negative, rest = without_sign(self)
        if negative:
            written, level = rest.text(numbers)
            return f"−({written})" if level == SUM else f"−{written}", SUM
        first, *others = (factor.text(numbers) for factor in self.factors)
        written = first[0] if first[1] < SUM or is_number(self.factors[0]) else f"({first[0]})"
        return " · ".join([written, *(f"({t})" if level == SUM else t for t, level in others)]), PRODUCT

    def markup(self, numbers: bool) -> tuple[str, int]:
        negative, rest = without_sign(self)
        if negative:
            written, level = rest.markup(numbers)
            return f"<mrow><mo>−</mo>{bracketed(written) if level == SUM else written}</mrow>", SUM
        first, *others = (factor.markup(numbers) for factor in self.factors)
        written = first[0] if first[1] < SUM or is_number(self.factors[0]) else bracketed(first[0])
        rest_of_them = (bracketed(t) if level == SUM else t for t, level in others)
        return f"<mrow>{'<mo>·</mo>'.join([written, *rest_of_them])}</mrow>", PRODUCT


class Quotient(Expression):
    """One number over another."""

    __slots__ = ("denominator", "numerator")

    def __init__(self, numerator: Expression, denominator: Expression) -> None:
        self.numerator, self.denominator = numerator, denominator

    def evaluate(self) -> float:
        above, below = self.numerator.evaluate(), self.denominator.evaluate()
        if below == 0:
            return math.nan if above == 0 or math.isnan(above) else math.copysign(math.inf, above)
        return above / below

    def parts(self) -> Sequence[Expression]:
        return self.numerator, self.denominator

    def text(self, numbers: bool = True) -> tuple[str, int]:
        (above, high), (below, low) = (part.text(numbers) for part in self.parts())
        above = f"({above})" if high == SUM and not is_number(self.numerator) else above
        return f"{above} / {f'({below})' if low >= PRODUCT else below}", PRODUCT

    def markup(self, numbers: bool) -> tuple[str, int]:
        above, below = (part.markup(numbers)[0] for part in self.parts())
        return f"<mfrac>{above}{below}</mfrac>", PRODUCT


class Power(Expression):
    """A base to an exponent; ½ is the root."""

    __slots__ = ("base", "exponent")

    def __init__(self, base: Expression, exponent: Expression) -> None:
        self.base, self.exponent = base, exponent

    def evaluate(self) -> float:
        base, exponent = self.base.evaluate(), self.exponent.evaluate()
        try:
            power = base**exponent
        except ZeroDivisionError:
            return math.inf
        except OverflowError:
            return math.inf if base > 0 or exponent % 2 == 0 else -math.inf
        return power if isinstance(power, float | int) else math.nan

    def parts(self) -> Sequence[Expression]:
        return self.base, self.exponent

    def is_root(self) -> bool:
        """Tell whether it is a square root."""
        return isinstance(self.exponent, Value) and not self.exponent.symbol and self.exponent.value == 0.5

    def text(self, numbers: bool = True) -> tuple[str, int]:
        base, level = self.base.text(numbers)
        if self.is_root():
            return f"√{base}" if level == PLAIN else f"√({base})", POWER
        exponent, height = self.exponent.text(numbers)
        base = f"({base})" if level > PLAIN else base
        squared = {"2": "²", "3": "³", "4": "⁴"}.get(exponent)
        return f"{base}{squared}" if squared else f"{base}^{f'({exponent})' if height > PLAIN else exponent}", POWER

    def markup(self, numbers: bool) -> tuple[str, int]:
        base, level = self.base.markup(numbers)
        if self.is_root():
            return f"<msqrt>{base}</msqrt>", POWER
        return (
            f"<msup>{bracketed(base) if level > PLAIN else f'<mrow>{base}</mrow>'}{self.exponent.markup(numbers)[0]}</msup>",
            POWER,
        )


class Function(Expression):
    """A function of one number, by its name in FUNCTIONS."""

    __slots__ = ("argument", "name")

    def __init__(self, name: str, argument: Expression) -> None:
        self.name, self.argument = name, argument

    def evaluate(self) -> float:
        return float(FUNCTIONS[self.name](self.argument.evaluate()))

    def parts(self) -> Sequence[Expression]:
        return (self.argument,)

    def text(self, numbers: bool = True) -> tuple[str, int]:
        inner = self.argument.text(numbers)[0]
        return (f"|{inner}|" if self.name == "abs" else f"{NAMES.get(self.name, self.name)}({inner})"), PLAIN

    def markup(self, numbers: bool) -> tuple[str, int]:
        inner = self.argument.markup(numbers)[0]
        if self.name == "exp":
            return f"<msup><mi>e</mi>{inner}</msup>", POWER
        if self.name == "abs":
            return f"<mrow><mo>|</mo>{inner}<mo>|</mo></mrow>", PLAIN
        return f"<mrow><mi>{NAMES.get(self.name, self.name)}</mi>{bracketed(inner)}</mrow>", PLAIN


class Maximum(Expression):
    """The largest of some numbers."""

    __slots__ = ("among",)

    def __init__(self, among: Sequence[Expression]) -> None:
        self.among = among

    def evaluate(self) -> float:
        values = [one.evaluate() for one in self.among]
        return math.nan if any(math.isnan(value) for value in values) else max(values)

    def parts(self) -> Sequence[Expression]:
        return self.among

    def text(self, numbers: bool = True) -> tuple[str, int]:
        return f"max({', '.join(one.text(numbers)[0] for one in self.among)})", PLAIN

    def markup(self, numbers: bool) -> tuple[str, int]:
        inner = "<mo>,</mo>".join(one.markup(numbers)[0] for one in self.among)
        return f"<mrow><mi>max</mi>{bracketed(inner)}</mrow>", PLAIN


def expression(value: Expression | float) -> Expression:
    """Take a number into a formula."""
    return value if isinstance(value, Expression) else Value("", (), float(value))


def total(terms: Iterable[Expression]) -> Expression:
    """Write  Σ terms;  0 where there are none."""
    return Sum(list(terms))


def root(e: Expression) -> Expression:
    """Write  √e."""
    return Power(e, expression(0.5))


def function(name: str, argument: Expression) -> Expression:
    """Write  name(argument)."""
    return Function(name, argument)


def maximum(among: Iterable[Expression | float]) -> Expression:
    """Write  max(…)."""
    return Maximum([expression(one) for one in among])


class Quantities(dict[str, Array]):
    """Arrays by symbol; calling it gives one of their cells as a leaf:  q("W", 2, 5)."""

    named: Callable[[str], str] = str
    """How its symbols are called outside, where they are those of a layer inside another."""

    def __call__(self, symbol: str, *index: int) -> Value:
        return Value(self.named(symbol), index, float(self[symbol].item(*index)))


def dot(q: Quantities, *factors: tuple[str, Sequence[Axis]]) -> Expression:
    """Write  Σ  of products of cells:  dot(q, ("x", [n, ALL]), ("W", [ALL, j]))  is  Σᵢ x[n, i] W[i, j].

    For each factor its symbol, and for each axis a number, several numbers, or ALL; those that are several run together.
    """

    def chosen(axis: Axis, length: int) -> Sequence[int]:
        return range(length) if axis is None else [axis] if isinstance(axis, int) else axis

    axes = [[chosen(axis, n) for axis, n in zip(given, q[symbol].shape, strict=True)] for symbol, given in factors]
    if math.prod(map(len, axes[0])) <= FEW_TERMS:
        runs = ([q(symbol, *at) for at in itertools.product(*its)] for (symbol, _), its in zip(factors, axes, strict=True))
        return Sum([cells[0] if len(cells) == 1 else Product(cells) for cells in zip(*runs, strict=True)])
    values = [q[symbol][np.ix_(*its)].reshape(-1) for (symbol, _), its in zip(factors, axes, strict=True)]
    return LongSum([q.named(symbol) for symbol, _ in factors], axes, np.array(values, np.float64))


Formulas = Mapping[str, Callable[..., Expression]]
"""For each symbol how one of its cells, of which the index is given, is made from other cells."""


def explained(owner: str, q: Quantities, formulas: Formulas, symbol: str, index: Any) -> Expression:
    """Open a cell into the cells that it was made from; what comes from outside (x, dy, W) is itself.

    Raises ValueError, naming the owner, where there is no such quantity, or no such cell.
    """
    if symbol not in q:
        raise ValueError(f"{owner} has no quantity {symbol!r} now; it has {', '.join(q)}")
    shape = q[symbol].shape
    try:
        place = tuple(map(operator.index, index))
    except TypeError:
        place = None
    if place is None or len(place) != len(shape) or not all(0 <= i < n for i, n in zip(place, shape, strict=True)):
        among = (
            f"has the shape {in_words(shape)}, its index as many whole numbers from 0" if shape else "is a number, its index ()"
        )
        raise ValueError(f"{owner}: {symbol} {among}; got {index!r}")
    return formulas[symbol](*place) if symbol in formulas else q(symbol, *place)


def without_sign(term: Expression) -> tuple[bool, Expression]:
    """Take a leading −1 off a product."""
    if isinstance(term, Product) and len(term.factors) > 1:
        first = term.factors[0]
        if is_number(first) and first.evaluate() == -1:
            rest = term.factors[1:]
            return True, rest[0] if len(rest) == 1 else Product(rest)
    return False, term


def is_number(e: Expression) -> bool:
    """Tell whether it is a single number."""
    return isinstance(e, Value)


def number(value: float) -> str:
    """Write a number with three significant digits, and a minus that is one."""
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    return f"{value:.{DIGITS}g}".replace("-", "−")


def digits(written: str) -> str:
    """Put a written number into MathML."""
    sign = "<mo>−</mo>" if written.startswith("−") else ""
    inner = f"<mn>{written.removeprefix('−')}</mn>"
    return f"<mrow>{sign}{inner}</mrow>" if sign else inner


def letter(symbol: str) -> str:
    """Write a symbol as the docstrings do:  γ for gamma, x̂ for x_hat."""
    *path, last = symbol.split(".")
    derivative = "d" if last.startswith("d") and last[1:].removesuffix("_hat") in {"x", *LETTERS} and last[1:] else ""
    base, hat = last.removeprefix(derivative), ""
    if base.endswith("_hat"):
        base, hat = base.removesuffix("_hat"), "\u0302"
    base = base.removesuffix("_after").replace("_max", "ₘₐₓ")
    name, before, after = base.partition("_before")
    return ".".join([*path, f"{derivative}{LETTERS.get(name, name)}{hat}{before}{after}".replace("_before", "′")])


def bracketed(inner: str) -> str:
    """Put MathML in brackets."""
    return f"<mrow><mo>(</mo>{inner}<mo>)</mo></mrow>"


def each_row(array: Array) -> Iterator[tuple[int, ...]]:
    """Go through all places of an array but for its last axis: the examples, and their places."""
    return iter(np.ndindex(array.shape[:-1]))
