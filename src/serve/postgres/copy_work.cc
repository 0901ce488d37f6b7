#include <fmt/format.h>

#include "base/id.h"
#include "serve/postgres/backend.h"
#include "serve/postgres/dialect.h"

/// COPY to and from the client.
namespace smelt::serve::postgres {
namespace {

std::string ColumnList(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + engine::QuoteIdentifier(name);
  return list;
}

}  // namespace

WireStatus Backend::BeginCopyOut(Portal& portal, WireBuffer& out) {
  auto options = ReadCopy(portal.prepared->part);
  if (!options) return std::unexpected(std::move(options.error()));
  const std::string columns = options->columns.empty() ? "*" : ColumnList(options->columns);
  std::string sql = options->query.empty() ? fmt::format("select {} from {}", columns, options->table) : options->query;
  auto prepared = Prepare(std::move(sql), {});
  if (!prepared) return std::unexpected(std::move(prepared.error()));
  if ((*prepared)->command != Command::kEngine || (*prepared)->tag != "SELECT") {
    return std::unexpected(WireErrorOf("0A000", "COPY TO STDOUT wants a query or a table"));
  }
  auto own = std::make_unique<Portal>();
  own->prepared = std::move(*prepared);
  if (options->format == CopyFormat::kBinary) own->formats = {1};
  if (auto started = StartEngine(*own, script_statements_ > 1 && in_script_); !started) return started;
  if (!own->rows) return std::unexpected(WireErrorOf("0A000", "COPY TO STDOUT wants a query or a table"));
  auto copy = std::make_unique<CopyOut>(std::move(*options));
  copy->PutBegin(own->columns, out);
  Portal* const running = own.get();
  run_.emplace(Run{.portal = running, .own = std::move(own), .tag = "COPY", .copy = std::move(copy)});
  return {};
}

WireStatus Backend::BeginCopyIn(Portal& portal, WireBuffer& out) {
  auto options = ReadCopy(portal.prepared->part);
  if (!options) return std::unexpected(std::move(options.error()));
  const std::string columns = options->columns.empty() ? "" : " (" + ColumnList(options->columns) + ")";
  const std::string names = options->columns.empty() ? "*" : ColumnList(options->columns);
  const std::string check =
      fmt::format("insert into {}{} select {} from {} limit 0", options->table, columns, names, options->table);
  auto info = engine::DescribeStatement(*session_, check);
  if (!info) return std::unexpected(Converted(info.error(), nullptr));
  const Status allowed = place_.authority.Authorize(CurrentIdentity(), *info);
  if (!allowed) return std::unexpected(Converted(allowed.error(), nullptr));
  auto select = session_->Prepare(fmt::format("select {} from {}", names, options->table));
  if (!select) return std::unexpected(Converted(select.error(), nullptr));
  auto shape = (*select)->Describe();
  if (!shape) return std::unexpected(Converted(shape.error(), nullptr));
  const bool binary = options->format == CopyFormat::kBinary;
  const std::size_t response = out.Begin('G');
  out.PutByte(binary ? '\1' : '\0');
  out.PutInt(static_cast<std::int16_t>((*shape)->columns.size()));
  for (std::size_t i = 0; i < (*shape)->columns.size(); ++i) out.PutInt<std::int16_t>(binary ? 1 : 0);
  out.End(response);
  copy_in_ = std::make_unique<CopyIn>(std::move(*options), (*shape)->columns, place_.copy_bytes_max);
  copy_mode_ = in_script_ ? Mode::kScript : Mode::kExecute;
  return {};
}

WireStatus Backend::HandleCopy(const Message& message, WireBuffer& out) {
  switch (message.type) {
    case 'd': return copy_in_->Add(message.body);
    case 'c': return FinishCopyIn(out);
    case 'f': {
      WireReader in(message.body);
      return std::unexpected(WireErrorOf("57014", fmt::format("COPY from stdin failed: {}", in.Text())));
    }
    case 'H':
    case 'S': return {};  // of the extended query, which PostgreSQL passes over
    default: return std::unexpected(WireErrorOf("08P01", "unexpected message type during COPY from stdin"));
  }
}

WireStatus Backend::FinishCopyIn(WireBuffer& out) {
  const std::unique_ptr<CopyIn> copy = std::move(copy_in_);
  const CopyOptions& options = copy->options();
  std::string names;
  std::string casts;
  std::string wrong;
  for (const engine::TypedColumnInfo& column : copy->columns()) {
    const std::string name = engine::QuoteIdentifier(column.name);
    const std::string type = column.type.sql_name;
    names += (names.empty() ? "" : ", ") + name;
    casts += fmt::format("{}cast({} as {})", casts.empty() ? "" : ", ", name, type);
    wrong +=
        fmt::format("{}({} is not null and try_cast({} as {}) is null)", wrong.empty() ? "" : " or ", name, name, type);
  }
  const std::string source_name = "copy-" + NewUuid();
  auto rows = copy->Read();
  session_->Offer(source_name, *rows);
  SetActive(session_.get());
  const std::string from = fmt::format("from smelt_rows({})", engine::QuoteLiteral(source_name));
  std::int64_t count = 0;
  Status done;
  auto insert = session_->Prepare(fmt::format("insert into {} ({}) select {} {}", options.table, names, casts, from));
  if (insert) {
    auto inserted = (*insert)->Run({});
    if (inserted) {
      ++changes_;
      count = (*inserted)->changed_rows().value_or(0);
    } else {
      done = smelt::Fail(inserted.error());
    }
  } else {
    done = smelt::Fail(insert.error());
  }
  session_->Withdraw(source_name);
  if (!done) {
    WireError error = Converted(done.error(), nullptr);
    if (error.state.starts_with("22") && error.message.find("(COPY") == std::string::npos) {
      // The engine does not say which row it was.
      auto again = copy->Read();
      session_->Offer(source_name, *again);
      const auto found = session_->Query(fmt::format("select min(smelt_line) {} where {}", from, wrong));
      session_->Withdraw(source_name);
      if (found && found->Int()) error.message += fmt::format(" (COPY {}, line {})", options.table, *found->Int());
    }
    return std::unexpected(std::move(error));
  }
  SetActive(nullptr);
  const std::size_t complete = out.Begin('C');
  out.PutText(fmt::format("COPY {}", count));
  out.End(complete);
  return {};
}

}  // namespace smelt::serve::postgres
