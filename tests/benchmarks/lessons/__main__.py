"""Print what each lesson in the box claims, and whether it holds over five seeds.

python -m tests.benchmarks.lessons [seeds] [lesson …]
"""

import os
import sys

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from tests.lessons.claims import CLAIMS, FIGURES, holds


def main() -> None:
    seeds = range(1, 1 + int(sys.argv[1]) if len(sys.argv) > 1 else 6)
    wanted = set(sys.argv[2:]) or {claim.lesson for claim in CLAIMS} | {*FIGURES}
    for claim in CLAIMS:
        if claim.lesson not in wanted:
            continue
        found = [holds(claim, seed) for seed in seeds]
        steps = ", ".join("–" if verdict.reached is None else str(verdict.reached) for _, verdict in found)
        print(
            f"{claim.lesson} {claim.step}: {claim.words}: {sum(ok for ok, _ in found)} of {len(found)}; at {steps}", flush=True
        )
    for name, figure in FIGURES.items():
        if name not in wanted:
            continue
        told = [figure(seed) for seed in seeds]
        print(f"{name}: {sum(ok for ok, _ in told)} of {len(told)}; {' | '.join(words for _, words in told)}", flush=True)


if __name__ == "__main__":
    main()
