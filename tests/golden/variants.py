"""Random variants of models and processors: what the sweep.py of each kind have in common."""

import argparse
import pathlib
import random
import shutil
import sys


class Choice(random.Random):
    """Draws a variant's settings; the same for the same seed, family and number."""

    def flag(self, likely=0.5):
        return self.random() < likely


def sweep(description, families, make, choice=Choice, what="family"):
    """Runs the command line of a sweep: `make(folder, choice, family, number)` makes one variant. What fails there, since
    the reference cannot do it either, is told and left out."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--count", type=int, default=len(families))
    parser.add_argument(f"--{what}", dest="chosen", choices=families, nargs="*", default=list(families))
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for number in range(options.count):
        family = options.chosen[number % len(options.chosen)]
        folder = options.out / f"{number:04}_{family}"
        try:
            make(folder, choice(f"{options.seed}/{family}/{number}"), family, number)
        except Exception as error:
            print(f"{folder.name}: {type(error).__name__}: {error}"[:300], file=sys.stderr)
            shutil.rmtree(folder, ignore_errors=True)
