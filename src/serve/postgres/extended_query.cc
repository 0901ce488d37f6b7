#include <fmt/format.h>

#include "serve/postgres/backend.h"
#include "serve/postgres/binary_value.h"
#include "serve/postgres/parameter_text.h"

/// The messages of the extended query: Parse, Bind, Describe, Execute, Close.
namespace smelt::serve::postgres {
namespace {

std::unexpected<WireError> Malformed() {
  return std::unexpected(WireErrorOf("08P01", "invalid message format"));
}

/// Format codes as Bind has them. False when they are none.
bool ReadFormats(WireReader& in, std::vector<std::int16_t>& formats) {
  const auto count = in.Int<std::int16_t>();
  if (count < 0) return false;
  for (std::int16_t i = 0; i < count && !in.failed(); ++i) {
    formats.push_back(in.Int<std::int16_t>());
    if (formats.back() != 0 && formats.back() != 1) return false;
  }
  return !in.failed();
}

/// A value of Bind, of a type that is known.
WireResult<engine::ParameterValue> ReadValue(std::uint32_t oid, bool binary, std::optional<std::string_view> bytes) {
  auto type = ValueTypeOf(oid);
  if (!type) {
    return std::unexpected(WireErrorOf("0A000",
                                       fmt::format("parameters of the type with oid {} are not supported", oid),
                                       "cast the parameter to a type that the server has, as in $1::text"));
  }
  engine::ParameterValue value{.type = std::move(*type)};
  if (!bytes) return value;
  auto text = binary ? ReadBinary(oid, *bytes) : EngineText(oid, *bytes);
  if (!text) {
    WireError error = ToWire(text.error());
    if (text.error().code() == ErrorCode::kServeProtocol) error.state = "22P03";
    return std::unexpected(std::move(error));
  }
  value.text = std::move(*text);
  return value;
}

}  // namespace

WireStatus Backend::HandleExtended(const Message& message, WireBuffer& out) {
  switch (message.type) {
    case 'P': return ParseMessage(message.body, out);
    case 'B': return BindMessage(message.body, out);
    case 'D': return DescribeMessage(message.body, out);
    case 'E': return ExecuteMessage(message.body, out);
    case 'C': return CloseMessage(message.body, out);
    case 'F':
      return std::unexpected(
          WireErrorOf("0A000", "function calls of the protocol are not supported", "call the function in a SELECT"));
    default: {
      ends_ = true;
      WireError error = WireErrorOf(
          "08P01", fmt::format("invalid frontend message type {}", static_cast<unsigned char>(message.type)));
      error.severity = "FATAL";
      return std::unexpected(std::move(error));
    }
  }
}

WireStatus Backend::ParseMessage(const std::string& body, WireBuffer& out) {
  WireReader in(body);
  const std::string name(in.Text());
  std::string text(in.Text());
  const auto count = in.Int<std::int16_t>();
  if (count < 0 || in.failed() || in.left() != static_cast<std::size_t>(count) * sizeof(std::uint32_t)) {
    return Malformed();
  }
  std::vector<std::uint32_t> parameters;
  for (std::int16_t i = 0; i < count; ++i) parameters.push_back(in.Int<std::uint32_t>());
  if (!name.empty() && statements_.contains(name)) {
    return std::unexpected(WireErrorOf("42P05", fmt::format("prepared statement \"{}\" already exists", name)));
  }
  if (statements_.size() >= place_.statements_max) {
    return std::unexpected(WireErrorOf("53000", "too many prepared statements", "close those that are not used"));
  }
  if (SplitScript(text).size() > 1) {
    return std::unexpected(WireErrorOf("42601", "cannot insert multiple commands into a prepared statement"));
  }
  if (name.empty()) portals_.erase("");
  auto prepared = Prepare(std::move(text), std::move(parameters));
  if (!prepared) return std::unexpected(std::move(prepared.error()));
  statements_[name] = std::move(*prepared);
  out.PutEmpty('1');
  return {};
}

WireStatus Backend::BindMessage(const std::string& body, WireBuffer& out) {
  WireReader in(body);
  const std::string portal_name(in.Text());
  const std::string statement_name(in.Text());
  std::vector<std::int16_t> formats;
  if (!ReadFormats(in, formats)) return Malformed();
  const auto found = statements_.find(statement_name);
  if (found == statements_.end()) {
    return std::unexpected(WireErrorOf(
        "26000", statement_name.empty() ? "unnamed prepared statement does not exist"
                                        : fmt::format("prepared statement \"{}\" does not exist", statement_name)));
  }
  PreparedText& prepared = *found->second;
  if (auto checked = CheckBlock(prepared); !checked) return checked;
  if (auto types = FindParameters(prepared); !types) return types;
  const auto count = in.Int<std::int16_t>();
  if (static_cast<std::size_t>(std::max<int>(count, 0)) != prepared.parameters.size()) {
    return std::unexpected(WireErrorOf(
        "08P01", fmt::format("bind message supplies {} parameters, but prepared statement \"{}\" requires {}", count,
                             statement_name, prepared.parameters.size())));
  }
  if (formats.size() > 1 && formats.size() != prepared.parameters.size()) return Malformed();
  auto portal = std::make_unique<Portal>();
  for (std::size_t i = 0; i < prepared.parameters.size(); ++i) {
    const auto length = in.Int<std::int32_t>();
    std::optional<std::string_view> bytes;
    if (length >= 0) bytes = in.Bytes(static_cast<std::size_t>(length));
    if (in.failed() || length < -1) return Malformed();
    const bool binary = !formats.empty() && formats[formats.size() == 1 ? 0 : i] == 1;
    auto value = ReadValue(prepared.parameters[i], binary, bytes);
    if (!value) return std::unexpected(std::move(value.error()));
    portal->values.push_back(std::move(*value));
  }
  if (!ReadFormats(in, portal->formats) || !in.Whole()) return Malformed();
  if (!portal_name.empty() && portals_.contains(portal_name)) {
    return std::unexpected(WireErrorOf("42P03", fmt::format("cursor \"{}\" already exists", portal_name)));
  }
  if (portals_.size() >= place_.statements_max) {
    return std::unexpected(WireErrorOf("53000", "too many portals", "close those that are not used"));
  }
  portal->prepared = found->second;
  portals_[portal_name] = std::move(portal);
  out.PutEmpty('2');
  return {};
}

WireStatus Backend::DescribeStatement(PreparedText& prepared, WireBuffer& out) {
  if (auto checked = CheckBlock(prepared); !checked) return checked;
  if (auto types = FindParameters(prepared); !types) return types;
  const std::size_t message = out.Begin('t');
  out.PutInt(static_cast<std::int16_t>(prepared.parameters.size()));
  for (const std::uint32_t oid : prepared.parameters) out.PutInt(oid);
  out.End(message);
  auto shape = Shape(prepared);
  if (!shape) return std::unexpected(std::move(shape.error()));
  if ((*shape)->has_rows) {
    const auto columns = ShownColumns(prepared, (*shape)->columns);
    prepared.promised.clear();
    for (const engine::TypedColumnInfo& column : columns) prepared.promised.push_back(WireTypeOf(column.type).oid);
    PutRowDescription(columns, {}, out);
  } else {
    out.PutEmpty('n');
  }
  return {};
}

WireStatus Backend::DescribePortal(Portal& portal, std::string_view name, WireBuffer& out) {
  const auto check = [&](std::size_t columns) -> WireStatus {
    if (portal.formats.size() <= 1 || portal.formats.size() == columns) return {};
    return std::unexpected(WireErrorOf(
        "08P01",
        fmt::format("bind message has {} result formats but query has {} columns", portal.formats.size(), columns)));
  };
  if (!portal.started && portal.prepared->IsQuery()) {
    // The rows tell their types: binding the statement once is enough.
    if (auto started = Start(portal, implicit_ || MoreFollows(name), out); !started) return started;
    SetActive(nullptr);
  }
  if (portal.rows) {
    if (auto fits = check(portal.rows->columns().size()); !fits) return fits;
    PutRowDescription(portal.columns, portal.formats, out);
    return {};
  }
  if (portal.started || portal.done) {
    out.PutEmpty('n');
    return {};
  }
  auto shape = Shape(*portal.prepared);
  if (!shape) return std::unexpected(std::move(shape.error()));
  if (!(*shape)->has_rows) {
    out.PutEmpty('n');
    return {};
  }
  if (auto fits = check((*shape)->columns.size()); !fits) return fits;
  PutRowDescription(ShownColumns(*portal.prepared, (*shape)->columns), portal.formats, out);
  return {};
}

WireStatus Backend::DescribeMessage(const std::string& body, WireBuffer& out) {
  WireReader in(body);
  const char what = in.Byte();
  const std::string name(in.Text());
  if (!in.Whole() || (what != 'S' && what != 'P')) return Malformed();
  if (what == 'S') {
    const auto found = statements_.find(name);
    if (found != statements_.end()) return DescribeStatement(*found->second, out);
    return std::unexpected(WireErrorOf("26000", fmt::format("prepared statement \"{}\" does not exist", name)));
  }
  const auto found = portals_.find(name);
  if (found != portals_.end()) return DescribePortal(*found->second, name, out);
  return std::unexpected(WireErrorOf("34000", fmt::format("portal \"{}\" does not exist", name)));
}

bool Backend::MoreFollows(std::optional<std::string_view> described) const {
  for (const Message& message : messages_) {
    if (message.type == 'S') return false;
    if (message.type != 'E') continue;
    const bool is_its_own = described && WireReader(message.body).Text() == *described;
    if (!is_its_own) return true;
    described.reset();
  }
  return false;
}

WireStatus Backend::ExecuteMessage(const std::string& body, WireBuffer& out) {
  WireReader in(body);
  const std::string name(in.Text());
  const auto rows_max = in.Int<std::int32_t>();
  if (!in.Whole()) return Malformed();
  const auto found = portals_.find(name);
  if (found == portals_.end()) {
    return std::unexpected(WireErrorOf("34000", fmt::format("portal \"{}\" does not exist", name)));
  }
  const std::shared_ptr<Portal> held = found->second;
  Portal& portal = *held;
  if (portal.prepared->part.tokens.empty()) {
    out.PutEmpty('I');
    return {};
  }
  if (auto checked = CheckBlock(*portal.prepared); !checked) return checked;
  if (!portal.started) {
    copy_mode_ = Mode::kExecute;
    if (auto started = Start(portal, implicit_ || MoreFollows({}), out); !started) return started;
  }
  if (run_) {  // of a cursor
    run_->mode = Mode::kExecute;
    return {};
  }
  if (copy_in_ != nullptr) return {};
  const std::size_t columns = portal.rows ? portal.rows->columns().size() : 0;
  if (portal.formats.size() > 1 && portal.rows && portal.formats.size() != columns) {
    return std::unexpected(
        WireErrorOf("08P01", "the bind message has not as many result formats as there are columns"));
  }
  if (portal.rows) SetActive(&SessionOf(*portal.prepared));
  run_.emplace(Run{.portal = &portal,
                   .held = held,
                   .mode = Mode::kExecute,
                   .rows_max = std::max(rows_max, 0),
                   .tag = portal.prepared->tag});
  return {};
}

WireStatus Backend::CloseMessage(const std::string& body, WireBuffer& out) {
  WireReader in(body);
  const char what = in.Byte();
  const std::string name(in.Text());
  if (!in.Whole() || (what != 'S' && what != 'P')) return Malformed();
  if (what == 'S') {
    statements_.erase(name);
  } else {
    portals_.erase(name);
  }
  out.PutEmpty('3');
  return {};
}

}  // namespace smelt::serve::postgres
