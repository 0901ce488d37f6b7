#include "transform/internal/project/database_access.h"

namespace smelt::transform {

Status DatabaseAccess::Begin() {
  if (!on_begin_ || session_.in_transaction()) return {};
  SMELT_TRY(session_.Execute("begin"));
  return on_begin_();
}

Result<engine::ResultTable> DatabaseAccess::Execute(const std::string& sql, bool begins) {
  if (begins) SMELT_TRY(Begin());
  auto table = session_.Query(sql);
  if (!session_.in_transaction() && (!table || table->kind != engine::ResultKind::kRows)) has_lasting_effects_ = true;
  if (!table) failure_ = Failure{sql, table.error()};
  return table;
}

Status DatabaseAccess::Commit() {
  if (!session_.in_transaction()) return {};
  Status status = before_commit_ ? before_commit_() : Status();
  if (status) status = session_.Execute("commit");
  if (status) {
    has_lasting_effects_ = true;
  } else {
    Rollback();
  }
  return status;
}

void DatabaseAccess::Rollback() {
  if (session_.in_transaction()) (void)session_.Execute("rollback");
}

}  // namespace smelt::transform
