"""The cost curve as SVG: picture.py POINTS OUT."""

import json
import sys

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "clivia", "font.size": 9})

import matplotlib.pyplot as plt

SERIES = (("clivia", "clivia score", "#0b6e4f", "o"), ("duckdb", "DuckDB, summary alone", "#b5651d", "s"))
PANELS = (("seconds", 1.0), ("peak memory, GB", 1e-9))


def main(notes: str, out: str) -> None:
    with open(notes) as file:
        points = json.load(file)
    orders = [point["orders"] for point in points]
    figure, axes = plt.subplots(1, 2, figsize=(7.5, 3.2), layout="constrained")
    for place, (axis, (title, unit)) in enumerate(zip(axes, PANELS)):
        for key, label, color, marker in SERIES:
            axis.loglog(orders, [point[key][place] * unit for point in points], color=color, marker=marker, label=label)
        axis.minorticks_off()
        axis.set(xlabel="orders", title=title)
        axis.grid(True, which="major", linewidth=0.4, alpha=0.6)
    axes[0].legend(frameon=False)
    figure.savefig(out, metadata={"Date": None})


if __name__ == "__main__":
    main(*sys.argv[1:])
