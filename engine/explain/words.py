"""How numbers are written in the doctor's sentences."""


def number(value: float) -> str:
    """Write a number as a person reads it: 12, 0.034, 2.1e-5, 240,000."""
    if value != 0 and (abs(value) < 1e-4 or abs(value) >= 1e9):
        mantissa, exponent = f"{value:.1e}".split("e")
        return f"{mantissa.removesuffix('.0')}e{int(exponent)}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def percent(share: float) -> str:
    """Write a share as a person reads it: 12 %, 0.3 %, 0.002 %."""
    return f"{number(float(f'{100 * share:.2g}'))} %"
