"""What was measured, as Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from measure import Rounds

BEGIN, END = "<!-- peers: begin -->", "<!-- peers: end -->"


@dataclass(frozen=True)
class Row:
    """The same work by clivia and by a peer; without one where there is none, and then a note says why."""

    work: str
    clivia: Rounds
    peer: Rounds | None = None
    peer_name: str = ""
    same: str = ""


def seconds(value: float) -> str:
    return f"{value:.2f} s" if value < 10 else f"{value:.1f} s"


def memory(value: int) -> str:
    return f"{value / 1e9:.2f} GB" if value >= 1e9 else f"{value / 1e6:.0f} MB"


def cells(row: Row) -> list[str]:
    ours = [row.work, seconds(row.clivia.seconds), memory(row.clivia.peak_bytes)]
    if row.peer is None:
        return [*ours, row.peer_name, "", "", "", row.same]
    ratio = row.peer.seconds / row.clivia.seconds
    return [
        *ours,
        row.peer_name,
        seconds(row.peer.seconds),
        memory(row.peer.peak_bytes),
        f"{ratio:.1f} x" if ratio >= 1 else f"{ratio:.2f} x",
        row.same,
    ]


def markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def pairs(rows: Sequence[Row]) -> str:
    header = ["work", "clivia", "peak", "peer", "time", "peak", "times as long", "same answer"]
    return markdown(header, [cells(row) for row in rows])


def write_between(readme: Path, text: str) -> None:
    """Puts a text in the place of what stands between the two markers."""
    before, marker, rest = readme.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (marker and end):
        raise SystemExit(f"{readme}: the lines {BEGIN} and {END} are not there")
    readme.write_text(f"{before}{BEGIN}\n{text.strip()}\n{END}{after}")
