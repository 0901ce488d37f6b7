"""Two processes write the same table at the same time: every commit counts, no row is lost."""

import unittest

from smelt_program import LakeTest, commits, query, scalar, smelt_ok, sql_side_by_side

COMMITS_EACH = 200
UPDATES_EACH = 25
DELETES_EACH = 40


class WritersTest(LakeTest):
    def test_inserts(self):
        smelt_ok("sql", "--lake", self.lake, "-c", "create schema if not exists silver; create table silver.t (writer int, n int)")
        sql_side_by_side(
            self.lake,
            ["; ".join(f"insert into silver.t values ({writer}, {n})" for n in range(COMMITS_EACH)) for writer in (1, 2)],
        )
        rows = query(self.lake, "select writer, count(*) as n, count(distinct n) as different from silver.t group by 1 order by 1")
        expected = [{"writer": writer, "n": COMMITS_EACH, "different": COMMITS_EACH} for writer in (1, 2)]
        self.assertEqual(rows, expected)
        log = list(commits(self.lake, "silver.t"))
        self.assertEqual([version for version, _ in log], list(range(2 * COMMITS_EACH + 1)))
        self.assertTrue(all(sum("add" in action for action in actions) == 1 for _, actions in log[1:]))

    def test_updates_of_one_row(self):
        """Each update reads what the other wrote: a lost one would leave the sum too small."""
        setup = "create schema if not exists silver; create table silver.t (n int); insert into silver.t values (0)"
        smelt_ok("sql", "--lake", self.lake, "-c", setup)
        sql_side_by_side(self.lake, ["; ".join(["update silver.t set n = n + 1"] * UPDATES_EACH)] * 2)
        self.assertEqual(scalar(self.lake, "select n from silver.t"), 2 * UPDATES_EACH)

    def test_deletes_of_different_rows_of_one_file(self):
        """With deletion vectors, each delete keeps what the other deleted."""
        setup = (
            "create schema if not exists silver; create table silver.t as select range as n from range(1000); "
            "alter table silver.t set ('delta.enableDeletionVectors' = 'true')"
        )
        smelt_ok("sql", "--lake", self.lake, "-c", setup)
        sql_side_by_side(
            self.lake,
            ["; ".join(f"delete from silver.t where n = {n}" for n in range(writer, 2 * DELETES_EACH, 2)) for writer in (0, 1)],
        )
        rows = query(self.lake, "select count(*) as n, min(n) as first from silver.t")
        self.assertEqual(rows, [{"n": 1000 - 2 * DELETES_EACH, "first": 2 * DELETES_EACH}])


if __name__ == "__main__":
    unittest.main()
