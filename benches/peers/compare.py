"""clivia beside what a user would pick instead: the same work, in turn, in one run. `run` beside it calls this."""

import argparse
import platform
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import cost_curve
import score
import summary
import update
from bench import HERE, Bench
from table import Row, pairs, write_between

README = HERE.parent / "README.md"
PARTS = ("summary", "score", "update", "models", "k-means", "cost-curve")
PACKAGES = ("duckdb", "lifetimes", "pymc-marketing", "scikit-learn")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benches/peers/run", description=__doc__.split(". `run`")[0] + ".")
    parser.add_argument("--clivia", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--models", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--k-means", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--work", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--customers", type=int, default=10_000_000, help="ten orders each [default: 10000000]")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is run, in turn [default: 3]")
    parser.add_argument("--threads", type=int, default=2, help="of clivia and of its peers [default: 2]")
    parser.add_argument("--large", action="store_true", help="five times the customers too, by clivia alone")
    parser.add_argument("--only", choices=PARTS, nargs="+", default=PARTS, help="these parts; with --write, the others' figures go")
    parser.add_argument("--write", action="store_true", help="put the tables into benches/README.md, the picture beside it")
    return parser.parse_args()


def main() -> None:
    given = arguments()
    bench = Bench(given.clivia, given.work, given.customers, given.rounds, given.threads, given.large)
    sections = [*side_by_side(bench, given.only), *others(bench, given)]
    text = "\n\n".join([conditions(bench), *filter(None, sections)])
    print(text)
    if given.write:
        write_between(README, text)


def side_by_side(bench: Bench, only: list[str]) -> list[str]:
    parts: dict[str, Callable[[Bench], list[Row]]] = {"summary": summary.rows, "score": score.rows, "update": update.rows}
    rows = [row for name, part in parts.items() if name in only for row in part(bench)]
    return [pairs(rows)] if rows else []


def others(bench: Bench, given: argparse.Namespace) -> list[str]:
    """Parts that print tables of their own."""
    base = max(bench.customers // 10, 1)
    scripts = {
        "models": ["models.py", given.models, bench.work, base, bench.rounds],
        "k-means": ["k_means.py", given.k_means, bench.work, base, bench.rounds],
    }
    found = [printed(name, script) for name, script in scripts.items() if name in given.only]
    if "cost-curve" in given.only:
        found.append(cost_curve.section(bench, given.write))
    return found


def printed(name: str, script: list[object]) -> str:
    file = HERE / str(script[0])
    if not file.exists():
        print(f"skipped: {name}, {file.name} is not there", file=sys.stderr)
        return ""
    done = subprocess.run([sys.executable, file, *map(str, script[1:])], stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{file.name} failed:\n{done.stdout}")
    return done.stdout.strip()


def conditions(bench: Bench) -> str:
    """What a reader must know to compare these figures with others."""
    said = subprocess.run([bench.clivia, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"{said} with {packages} and Python {platform.python_version()}, {processor()}, {bench.threads} threads each; "
        f"medians of {bench.rounds} rounds in turn, the highest peak of each, cold processes, files in the page cache."
    )


def processor() -> str:
    """The name of the processor, where the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


if __name__ == "__main__":
    main()
