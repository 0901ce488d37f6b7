#include <gtest/gtest.h>

#include "delta/tests/memory_table.h"

namespace smelt::delta {
namespace {

SnapshotPtr Base() {
  TestTable table;
  table.PutCommit(0, kCreateLines + LinesOf({AddOf("f1"), AddOf("f2")}));
  return MustLoad(table.log.Latest());
}

CommitInfo BlindAppendInfo(bool is_blind) {
  return {{{"operation", "WRITE"}, {"isBlindAppend", is_blind}}};
}

Add Moved(std::string path) {
  Add add = AddOf(std::move(path));
  add.data_change = false;
  return add;
}

Remove MovedAway(std::string path) {
  Remove remove = RemoveOf(std::move(path));
  remove.data_change = false;
  return remove;
}

/// The kinds of proposals of the matrix.
enum Kind {
  kBlindAppend,
  kReadsMatching,
  kReadsElsewhere,
  kReadsWholeTable,
  kReadsF1,
  kRemovesF1,
  kAltersTable,
  kMarksApp,
  kSetsDomain
};

Proposal ProposalOf(Kind kind, const SnapshotPtr& base) {
  Proposal proposal = AppendOf(base, "mine");
  switch (kind) {
    case kBlindAppend: break;
    case kReadsMatching: proposal.reads.may_match = [](const Add&) { return true; }; break;
    case kReadsElsewhere: proposal.reads.may_match = [](const Add&) { return false; }; break;
    case kReadsWholeTable: proposal.reads.whole_table = true; break;
    case kReadsF1: proposal.reads.files = {"f1"}; break;
    case kRemovesF1: proposal.removes.push_back(RemoveOf("f1")); break;
    case kAltersTable:
      proposal.metadata = TestMetadata();
      proposal.reads.may_match = [](const Add&) { return true; };
      break;
    case kMarksApp: proposal.txns.push_back({"app", 2, {}}); break;
    case kSetsDomain: proposal.domains.push_back({"d", "{}", false}); break;
  }
  return proposal;
}

TEST(ConflictTest, TheMatrixHolds) {
  const SnapshotPtr base = Base();
  constexpr std::string_view kKinds[] = {"blind append", "reads matching rows", "reads other rows", "reads all",
                                         "reads f1",     "removes f1",          "alters table",     "marks app",
                                         "sets domain d"};
  struct Case {
    std::string winner;
    std::vector<Action> actions;
    std::vector<Kind> loses;  ///< the kinds of proposals that it invalidates
  };
  const std::vector<Kind> all = {kBlindAppend, kReadsMatching, kReadsElsewhere, kReadsWholeTable, kReadsF1,
                                 kRemovesF1,   kAltersTable,   kMarksApp,       kSetsDomain};
  const std::vector<Case> cases = {
      {"nothing but provenance", {BlindAppendInfo(true)}, {}},
      {"a blind append", {BlindAppendInfo(true), AddOf("n")}, {kReadsWholeTable, kAltersTable}},
      {"an append that read", {BlindAppendInfo(false), AddOf("n")}, {kReadsMatching, kReadsWholeTable, kAltersTable}},
      {"an append of unknown nature", {AddOf("n")}, {kReadsMatching, kReadsWholeTable, kAltersTable}},
      {"a delete of f1", {RemoveOf("f1")}, {kReadsWholeTable, kReadsF1, kRemovesF1}},
      {"a delete of f2", {RemoveOf("f2")}, {kReadsWholeTable}},
      {"a rewrite of f1",
       {RemoveOf("f1"), AddOf("n")},
       {kReadsMatching, kReadsWholeTable, kReadsF1, kRemovesF1, kAltersTable}},
      {"a compaction of f1", {MovedAway("f1"), Moved("n")}, {kReadsF1, kRemovesF1}},
      {"a compaction of f2", {MovedAway("f2"), Moved("n")}, {}},
      {"a protocol change", {Protocol{1, 3, {}, {}}}, all},
      {"a metadata change", {TestMetadata()}, all},
      {"a mark of the same app", {Txn{"app", 1, {}}}, {kMarksApp}},
      {"a mark of another app", {Txn{"other", 1, {}}}, {}},
      {"the same domain", {DomainMetadata{"d", "", true}}, {kSetsDomain}},
      {"another domain", {DomainMetadata{"e", "", false}}, {}},
  };
  for (const Case& row : cases) {
    for (const Kind kind : all) {
      const bool expected = std::ranges::find(row.loses, kind) != row.loses.end();
      const auto conflict = FindConflict(ProposalOf(kind, base), row.actions);
      EXPECT_EQ(conflict.has_value(), expected) << row.winner << " against a proposal that is: " << kKinds[kind]
                                                << "; says: " << conflict.value_or("no conflict");
    }
  }
}

TEST(ConflictTest, ASerializableTableMindsBlindAppends) {
  TestTable table;
  const SnapshotPtr strict = MustCommit(table.log, CreateOf({{"delta.isolationLevel", "serializable"}}));
  const std::vector<Action> blind_append = {BlindAppendInfo(true), AddOf("n")};
  EXPECT_TRUE(FindConflict(ProposalOf(kReadsMatching, strict), blind_append));
  EXPECT_FALSE(FindConflict(ProposalOf(kReadsElsewhere, strict), blind_append));
  EXPECT_FALSE(FindConflict(ProposalOf(kBlindAppend, strict), blind_append));
  EXPECT_FALSE(FindConflict(ProposalOf(kReadsMatching, Base()), blind_append)) << "the default is WriteSerializable";
  const auto info = std::get<CommitInfo>(table.log.ReadCommit({0}).value().front()).fields;
  EXPECT_EQ(info["isolationLevel"], "Serializable");
}

TEST(ConflictTest, RowsThatWereOnlyMovedAreSpokenOfAsMoved) {
  EXPECT_EQ(FindConflict(ProposalOf(kRemovesF1, Base()), {MovedAway("f1"), Moved("n")}),
            "it moved the rows of the file 'f1', too");
}

TEST(ConflictTest, CreatingATableTwiceConflicts) {
  EXPECT_EQ(FindConflict(CreateOf(), {BlindAppendInfo(true)}), "it created the table");
}

TEST(ConflictTest, OnlyMatchingFilesCount) {
  Proposal proposal = AppendOf(Base(), "mine");
  proposal.reads.may_match = [](const Add& add) { return add.path == "n2"; };
  EXPECT_EQ(FindConflict(proposal, {AddOf("n1"), AddOf("n3")}), std::nullopt);
  EXPECT_EQ(FindConflict(proposal, {AddOf("n1"), AddOf("n2")}),
            "it added the file 'n2', whose rows may match what was read");
}

}  // namespace
}  // namespace smelt::delta
