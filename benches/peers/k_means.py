"""Times k-means of scikit-learn and of clivia on the same points from the same start, and checks that both end alike.

Called by `run` beside it: k_means.py CLIVIA WORK POINTS ROUNDS. Prints a table in Markdown.
"""

import json
import os
import statistics
import subprocess
import sys
import time

THREADS = os.environ.get("OMP_NUM_THREADS", "2")
os.environ["OMP_NUM_THREADS"] = THREADS

import numpy as np
import sklearn
from sklearn.cluster import KMeans

CLIVIA, WORK, POINTS, ROUNDS = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
DIMENSIONS, CLUSTERS = 4, 8
BAR = 0.33


def draw():
    """Eight clouds that overlap; the start is the first eight points."""
    random = np.random.default_rng(7)
    centres = random.normal(scale=2.0, size=(CLUSTERS, DIMENSIONS))
    points = centres[random.integers(0, CLUSTERS, POINTS)] + random.normal(size=(POINTS, DIMENSIONS))
    return points, points[:CLUSTERS].copy()


def save(array, name):
    path = f"{WORK}/{name}.f64"
    array.astype("<f8").tofile(path)
    return path


def by_clivia(points, starts):
    environment = {**os.environ, "RAYON_NUM_THREADS": THREADS}
    done = subprocess.run([CLIVIA, points, starts, "1"], check=True, capture_output=True, text=True, env=environment)
    return json.loads(done.stdout)


def by_sklearn(points, start):
    before = time.perf_counter()
    model = KMeans(CLUSTERS, init=start, n_init=1, algorithm="lloyd", tol=0, max_iter=10_000).fit(points)
    return time.perf_counter() - before, model


points, start = draw()
point_file, start_file = save(points, "points"), save(start, "starts")
theirs, ours = [], []
for _ in range(ROUNDS):
    seconds, model = by_sklearn(points, start)
    theirs.append(seconds)
    found = by_clivia(point_file, start_file)
    ours += found["seconds"]
inertia = found["inertia"] * POINTS
difference = abs(inertia / model.inertia_ - 1)
# The same local optimum, summed in another order: a million terms round by far less.
assert found["settled"] and difference < 1e-9, (inertia, model.inertia_)
ratio = statistics.median(ours) / statistics.median(theirs)

print(f"k-means, {POINTS:,} x {DIMENSIONS} points, {CLUSTERS} clusters, {THREADS} threads, {ROUNDS} rounds\n")
print("| package | iterations | inertia | median | from | to |")
print("|---|---|---|---|---|---|")
for name, iterations, total, times in (
    (f"scikit-learn {sklearn.__version__}", model.n_iter_, model.inertia_, theirs),
    ("clivia", found["iterations"], inertia, ours),
):
    seconds = " | ".join(f"{value:.3f} s" for value in (statistics.median(times), min(times), max(times)))
    print(f"| {name} | {iterations} | {total:.6f} | {seconds} |")
print(f"\nclivia over scikit-learn: **{ratio:.3f}**, the bar is {BAR}; inertias differ by {difference:.1e}")
