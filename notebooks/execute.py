"""Runs notebooks from clean, one after the other, and says how many passed."""

import os
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from support import shared_data

FOLDER = Path(__file__).resolve().parent
# The data that a notebook needs beside the sample.
NEEDS = {"2_cdnow.ipynb": "cdnow_sample.csv"}
LONGEST = 600  # seconds a cell may take


def run(path, write):
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    client = NotebookClient(
        notebook,
        timeout=LONGEST,
        kernel_name="python3",
        record_timing=False,
        extra_arguments=["--log-level=ERROR"],
    )
    client.execute(cwd=str(FOLDER))
    if write:
        # What differs from machine to machine says nothing to a reader.
        notebook.metadata = {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
        nbformat.write(notebook, path)


def main(arguments):
    write = "--write" in arguments
    chosen = [argument for argument in arguments if argument != "--write"]
    passed = failed = skipped = 0
    for path in sorted(FOLDER.glob("[0-9]_*.ipynb")):
        if chosen and path.name[0] not in chosen:
            continue
        needed = NEEDS.get(path.name)
        if needed and not shared_data(needed).is_file() and not os.environ.get("CI"):
            print(f"skipped {path.name}: {needed} is not there; set CLIVIA_DATA")
            skipped += 1
            continue
        start = time.perf_counter()
        try:
            run(path, write)
        except CellExecutionError as error:
            print(f"FAILED  {path.name}\n{error}")
            failed += 1
        else:
            print(f"passed  {path.name}: {time.perf_counter() - start:.0f} s", flush=True)
            passed += 1
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed + skipped else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
