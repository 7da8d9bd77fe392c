"""Runs clivia and opens what it wrote. No number is computed here."""

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import altair as alt
import polars as pl

ROOT = Path(__file__).resolve().parent.parent

# Blue, orange and grey can be told apart by all readers.
UNDER, OVER, ALIGNED = "#d55e00", "#0072b2", "#8c959f"
DIAGNOSES = alt.Scale(
    domain=["under_served", "aligned", "over_served"], range=[UNDER, ALIGNED, OVER]
)


@alt.theme.register("clivia", enable=True)
def theme():
    return alt.theme.ThemeConfig(
        config={
            "view": {"continuousWidth": 420, "continuousHeight": 300, "stroke": None},
            "axis": {
                "labelFontSize": 12,
                "titleFontSize": 12,
                "titleFontWeight": "normal",
                "grid": False,
            },
            "legend": {"labelFontSize": 12, "titleFontSize": 12},
            "title": {
                "fontSize": 15,
                "anchor": "start",
                "subtitleFontSize": 12,
                "subtitleColor": "#57606a",
            },
            "range": {"category": ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00"]},
        }
    )


# Pictures are part of the notebook, so that it reads well where it is not run.
alt.renderers.enable("png", ppi=110)
alt.data_transformers.disable_max_rows()
pl.Config.set_tbl_rows(20)
pl.Config.set_fmt_str_lengths(80)


def command():
    """The command: CLIVIA, else what this checkout built, else the one on the path."""
    built = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release" / "clivia"
    found = os.environ.get("CLIVIA") or (built if built.exists() else shutil.which("clivia"))
    if not found:
        raise FileNotFoundError("clivia is not built: cargo build --release")
    return str(found)


def clivia(*arguments):
    """Runs the command and gives what it printed; what it complains of ends the notebook."""
    ran = subprocess.run(
        [command(), *map(str, arguments)], cwd=ROOT, capture_output=True, text=True
    )
    if ran.returncode != 0:
        raise RuntimeError(ran.stderr)
    return ran.stdout


def measured(*arguments):
    """Runs the command: seconds, and the most memory that it held, in GB."""
    start = time.perf_counter()
    with subprocess.Popen(
        [command(), *map(str, arguments)], cwd=ROOT, stdout=subprocess.DEVNULL
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"clivia ended with {process.returncode}")
    return time.perf_counter() - start, usage.ru_maxrss / 1e6


def shared_data(name):
    """A public data set, from the folder that CLIVIA_DATA names."""
    return (ROOT / os.environ.get("CLIVIA_DATA", "../shared/data") / name).resolve()


class Run:
    """The files of a run."""

    def __init__(self, folder):
        self.folder = Path(folder)

    def table(self, name):
        return pl.read_parquet(self.folder / f"{name}.parquet")

    def json(self, name):
        return json.loads((self.folder / f"{name}.json").read_text())
