#include "app/internal/pipelines/commands.h"
#include "base/clock.h"

namespace smelt::app {

Result<PipelineDesk> OpenDesk(CommandContext& context) {
  PipelineDesk desk;
  SMELT_ASSIGN(desk.project, LoadProject(context.project_dir));
  Adopt(context, desk.project);
  if (context.lake.empty()) {
    return Fail(
        Error(ErrorCode::kUsage, "no lake is named").Hint("add --lake, or set SMELT_LAKE or 'lake' in smelt.yml"));
  }
  SMELT_ASSIGN(const state::StoreAddress address, StateAddress(context));
  SMELT_ASSIGN(desk.runs, state::RunStore::Open(address));
  desk.store = std::make_unique<state::ScheduleStore>(*desk.runs);
  return desk;
}

std::string InstantText(std::int64_t micros) {
  if (micros == 0) return "-";
  std::string text = FormatUtcMicros(micros).substr(0, 19);
  text[10] = ' ';
  return text;
}

Status AddVariable(const std::string& text, std::string_view option, Json& vars) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    return Fail(ErrorCode::kUsage, std::string(option) + " wants name=value, not '" + text + "'");
  }
  const std::string value = text.substr(equals + 1);
  const auto json = ParseJson(value, option);
  vars[text.substr(0, equals)] = json ? *json : Json(value);
  return {};
}

}  // namespace smelt::app
