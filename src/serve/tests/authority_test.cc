#include "serve/access/authority.h"

#include <gtest/gtest.h>

#include <string>

namespace smelt::serve {
namespace {

using engine::StatementInfo;
using engine::StatementKind;

Identity As(Role role) {
  return {.name = "anna", .role = role};
}

/// The code with which a statement is refused; kInternal when it is not.
ErrorCode Ask(const Identity& identity, const StatementInfo& statement, AuthoritySettings settings = {}) {
  const Status status = Authority(settings).Authorize(identity, statement);
  return status ? ErrorCode::kInternal : status.error().code();
}

constexpr ErrorCode kAllowed = ErrorCode::kInternal;

StatementInfo Query() {
  return {.kind = StatementKind::kSelect, .reads = {{"gold", "orders"}}};
}

StatementInfo Deletion() {
  return {.kind = StatementKind::kDelete, .writes = {{"gold", "orders"}}, .changes_lake = true};
}

StatementInfo FileReading() {
  return {.kind = StatementKind::kSelect, .outside = {"read_csv"}};
}

TEST(AuthorityTest, EverybodyReadsAndWritersChange) {
  for (const Role role : {Role::kReader, Role::kWriter, Role::kOperator}) {
    EXPECT_EQ(Ask(As(role), Query()), kAllowed);
    EXPECT_EQ(Ask(As(role), Query(), {.read_only = true}), kAllowed);
  }
  EXPECT_EQ(Ask(As(Role::kReader), Deletion()), ErrorCode::kAccessDenied);
  EXPECT_EQ(Ask(As(Role::kWriter), Deletion()), kAllowed);
  EXPECT_EQ(Ask(As(Role::kOperator), Deletion()), kAllowed);
  EXPECT_EQ(Ask(As(Role::kOperator), Deletion(), {.read_only = true}), ErrorCode::kAccessReadOnly);
}

TEST(AuthorityTest, NobodyReachesOutUnlessTheServerLetsOperators) {
  for (const Role role : {Role::kReader, Role::kWriter, Role::kOperator}) {
    EXPECT_EQ(Ask(As(role), FileReading()), ErrorCode::kAccessDenied);
    EXPECT_EQ(Ask(As(role), FileReading(), {.outside_files = true}),
              role == Role::kOperator ? kAllowed : ErrorCode::kAccessDenied);
  }
  const StatementInfo other{.kind = StatementKind::kOther};
  EXPECT_EQ(Ask(As(Role::kOperator), other), ErrorCode::kAccessDenied);
  EXPECT_EQ(Ask(As(Role::kOperator).Reading(), FileReading(), {.outside_files = true}), ErrorCode::kAccessDenied);
}

TEST(AuthorityTest, SettingsOfTheSessionsOwnTextAreFreeAndOthersAreNot) {
  const auto set = [](const std::string& name) {
    return StatementInfo{.kind = StatementKind::kSet, .settings = {name}, .changes_session = true};
  };
  EXPECT_EQ(Ask(As(Role::kReader), set("timezone")), kAllowed);
  EXPECT_EQ(Ask(As(Role::kReader), set("search_path")), kAllowed);
  for (const char* name : {"memory_limit", "threads", "enable_external_access", "global timezone", "temp_directory",
                           "http_proxy", "enable_logging", "allow_unsigned_extensions"}) {
    EXPECT_EQ(Ask(As(Role::kWriter), set(name)), ErrorCode::kAccessDenied) << name;
  }
}

TEST(AuthorityTest, DashboardsOnlyRead) {
  const Identity viewer = As(Role::kOperator).Reading();
  EXPECT_EQ(Ask(viewer, Query()), kAllowed);
  EXPECT_EQ(Ask(viewer, Deletion()), ErrorCode::kAccessReadOnly);
  EXPECT_EQ(Ask(viewer, {.kind = StatementKind::kDefinition, .changes_session = true}), ErrorCode::kAccessReadOnly);
}

TEST(AuthorityTest, RefusalsNameWhatAndTheCure) {
  const Status refused = Authority({}).Authorize(As(Role::kReader), Deletion());
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message().find("DELETE of gold.orders"), std::string::npos);
  EXPECT_NE(refused.error().message().find("anna"), std::string::npos);
  EXPECT_FALSE(refused.error().hint().empty());
}

TEST(AuthorityTest, RolesHaveNames) {
  EXPECT_EQ(RoleOf("writer"), Role::kWriter);
  EXPECT_EQ(RoleOf("Writer"), std::nullopt);
  EXPECT_EQ(RoleText(Role::kOperator), "operator");
}

}  // namespace
}  // namespace smelt::serve
