#include "delta/internal/row_ids.h"

#include <gtest/gtest.h>

#include "delta/features.h"
#include "delta/tests/memory_table.h"

namespace smelt::delta {
namespace {

Add FileOf(const std::string& path, std::int64_t rows, std::optional<std::int64_t> first_id = std::nullopt) {
  Add add;
  add.path = path;
  add.stats = R"({"numRecords":)" + std::to_string(rows) + "}";
  add.base_row_id = first_id;
  return add;
}

TEST(RowIdsTest, NewFilesGetTheIdsAfterTheMark) {
  Proposal proposal;
  proposal.adds = {FileOf("a", 3), FileOf("b", 5)};
  const RowIdAssigner assigner(proposal);
  auto mark = assigner.Assign(proposal, -1, Version{4});
  ASSERT_TRUE(mark);
  EXPECT_EQ(mark->domain, "delta.rowTracking");
  EXPECT_EQ(RowIdHighWaterMark(&*mark).value(), 7);
  EXPECT_EQ(proposal.adds[0].base_row_id, 0);
  EXPECT_EQ(proposal.adds[1].base_row_id, 3);
  EXPECT_EQ(proposal.adds[1].default_row_commit_version, 4);
  // The next attempt, after another writer took ten more.
  mark = assigner.Assign(proposal, 9, Version{5});
  EXPECT_EQ(RowIdHighWaterMark(&*mark).value(), 17);
  EXPECT_EQ(proposal.adds[0].base_row_id, 10);
  EXPECT_EQ(proposal.adds[0].default_row_commit_version, 5);
}

TEST(RowIdsTest, FilesThatHaveIdsKeepThem) {
  Proposal proposal;
  proposal.adds = {FileOf("new", 2), FileOf("old", 5, 100)};
  proposal.adds[1].default_row_commit_version = 1;
  const auto mark = RowIdAssigner(proposal).Assign(proposal, 50, Version{7});
  EXPECT_EQ(proposal.adds[1].base_row_id, 100);
  EXPECT_EQ(proposal.adds[1].default_row_commit_version, 1);
  EXPECT_EQ(proposal.adds[0].base_row_id, 105) << "behind what came from elsewhere";
  EXPECT_EQ(RowIdHighWaterMark(&*mark).value(), 106);
  proposal.adds = {FileOf("old", 5, 10)};
  EXPECT_FALSE(RowIdAssigner(proposal).Assign(proposal, 50, Version{8})) << "the mark did not move";
}

TEST(RowIdsTest, TwoWritersGiveOutDifferentIds) {
  TestTable table;
  Proposal create = CreateOf();
  EnableRowTracking(*create.protocol, *create.metadata);
  const SnapshotPtr base = MustCommit(table.log, std::move(create));
  MustCommit(table.log, AppendOf(base, "first"));
  const SnapshotPtr last = MustCommit(table.log, AppendOf(base, "second"));
  EXPECT_EQ(last->files()[0]->base_row_id, 0);
  EXPECT_EQ(last->files()[1]->base_row_id, 1);
  EXPECT_EQ(last->files()[1]->default_row_commit_version, 2);
  EXPECT_EQ(RowIdHighWaterMark(&last->domains().at("delta.rowTracking")).value(), 1);
  const SnapshotPtr loaded = MustLoad(table.log.Latest());
  EXPECT_EQ(loaded->files()[1]->base_row_id, 1);
  EXPECT_EQ(loaded->domains().at("delta.rowTracking").configuration, R"({"rowIdHighWaterMark":1})");
}

TEST(RowIdsTest, FilesOfBeforeGetTheirIdsWhenItIsSwitchedOn) {
  TestTable table;
  MustCommit(table.log, CreateOf());
  const SnapshotPtr before = MustCommit(table.log, AppendOf(MustLoad(table.log.Latest()), "old"));
  Proposal proposal;
  proposal.base = before;
  proposal.protocol = before->protocol();
  proposal.metadata = before->metadata();
  EnableRowTracking(*proposal.protocol, *proposal.metadata);
  const SnapshotPtr after = MustCommit(table.log, std::move(proposal));
  ASSERT_EQ(Paths(*after), std::vector<std::string>{"old"});
  EXPECT_EQ(after->files()[0]->base_row_id, 0);
  EXPECT_EQ(after->files()[0]->default_row_commit_version, 2);
  Proposal uncounted = AppendOf(after, "uncounted");
  uncounted.adds[0].stats = "";
  EXPECT_EQ(Commit(table.log, std::move(uncounted)).error().code(), ErrorCode::kDeltaInvalidTable);
}

TEST(RowIdsTest, ADamagedMarkIsAnError) {
  EXPECT_EQ(RowIdHighWaterMark(nullptr).value(), -1);
  const DomainMetadata damaged{"delta.rowTracking", R"({"other":1})", false};
  EXPECT_EQ(RowIdHighWaterMark(&damaged).error().code(), ErrorCode::kDeltaCorrupt);
  const DomainMetadata text{"delta.rowTracking", "[", false};
  EXPECT_EQ(RowIdHighWaterMark(&text).error().code(), ErrorCode::kDeltaCorrupt);
}

TEST(RowIdsTest, SuspendedTablesGiveNone) {
  Protocol protocol;
  Metadata metadata;
  EXPECT_FALSE(AssignsRowIds(protocol, metadata));
  EnableRowTracking(protocol, metadata);
  EXPECT_TRUE(HasFeature(protocol, "domainMetadata"));
  EXPECT_TRUE(AssignsRowIds(protocol, metadata));
  const auto columns = RowTrackingOf(protocol, metadata);
  ASSERT_TRUE(columns);
  EXPECT_NE(columns->id, columns->version);
  EnableRowTracking(protocol, metadata);
  EXPECT_EQ(RowTrackingOf(protocol, metadata), columns) << "the names stay";
  metadata.configuration["delta.rowTrackingSuspended"] = "true";
  EXPECT_FALSE(AssignsRowIds(protocol, metadata));
}

}  // namespace
}  // namespace smelt::delta
