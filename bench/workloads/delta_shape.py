"""How large the tables of the Delta benchmarks are: all follow from the rows of the largest, so that small trials are quick."""

from dataclasses import dataclass

ROWS = 5_000_000


@dataclass(frozen=True)
class Shape:
    """What the benchmarks say when there are ROWS rows, and the same share of it for fewer."""

    rows: int
    small_files: int  # of the table that is packed
    many_files: int  # of the table with a selective query
    log_commits: int  # of the log without checkpoint
    checkpoint_files: int  # in the checkpoint
    checkpoint_version: int  # of the tables that have one, added by as many commits
    appends: int  # one after the other
    feed_commits: int  # of the table with the change feed


def shape_of(rows):
    def share(count, least):
        return max(count * min(rows, ROWS) // ROWS, least)

    return Shape(
        rows=rows,
        small_files=share(500, 5),
        many_files=share(10_000, 20),
        log_commits=share(2_000, 20),
        checkpoint_files=share(50_000, 50),
        checkpoint_version=share(100, 10),
        appends=share(1_000, 24),
        feed_commits=share(1_000, 20),
    )
