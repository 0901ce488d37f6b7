#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "notify/settings.h"

namespace smelt::notify {

/// Why somebody is told.
enum class Action : std::uint8_t {
  kTrigger,      ///< something is wrong
  kUpdate,       ///< more is wrong, or it is worse
  kRepeat,       ///< it is wrong still
  kAcknowledge,  ///< somebody has taken it on
  kResolve,      ///< it is over
  kTest,         ///< nothing is wrong: a channel is tried out
};

/// "trigger", "update", "repeat", "acknowledge", "resolve", "test".
std::string_view ActionText(Action action);

/// Rows or values that show what is wrong, masked already.
struct Sample {
  std::string of = {};  ///< what they break
  std::vector<std::string> columns = {};
  std::vector<std::vector<std::string>> rows = {};
};

/// One thing that is wrong with a run: a suite, model or test that failed, or a task.
struct Problem {
  std::string task = {};  ///< empty: the run as a whole
  std::string name = {};  ///< "suite orders_silver", "silver.orders"; of a task, its own name
  std::string kind = {};  ///< "suite", "model", "test" …, the type of the task, or "run"
  Severity severity = Severity::kError;
  std::string message = {};
  std::string hint = {};
  bool is_new = true;  ///< it was not there when somebody was told last
  std::vector<Sample> samples = {};

  /// What it is known by from run to run.
  std::string Id() const { return task + "/" + name; }
};

/// A file that goes along with a message by mail; other channels leave it out.
struct Attachment {
  std::string name = {};     ///< without a folder
  std::string type = {};     ///< "application/pdf"
  std::string content = {};  ///< its bytes
};

/// One alert: all that a channel needs to write it.
struct Alert {
  std::string id = {};        ///< a UUID
  std::string incident = {};  ///< a UUID; all alerts of an incident have the same
  Action action = Action::kTrigger;
  Severity severity = Severity::kError;
  std::string title = {};
  std::string project = {}, pipeline = {}, route = {};
  std::string run_id = {};
  std::string run_status = {};   ///< "failed", "succeeded", "died"
  std::string link = {};         ///< of the run; may be empty
  std::int64_t created_us = 0;   ///< of the alert
  std::int64_t started_us = 0;   ///< of the run
  std::int64_t finished_us = 0;  ///< of the run; 0: it died
  std::int64_t opened_us = 0;    ///< of the incident
  std::int64_t runs = 1;         ///< that showed it
  std::vector<Problem> problems = {};
  std::size_t problems_total = 0;            ///< may be more than are listed
  std::string last_good_run = {};            ///< empty: there was none
  std::int64_t last_good_us = 0;             ///< when it ended
  std::vector<Attachment> attachments = {};  ///< not part of the JSON form: only for what is sent at once
};

Json ToJson(const Alert& alert);
/// Reads ToJson(Alert) back; what is absent or of another type keeps its default.
Alert AlertFromJson(const Json& json);

}  // namespace smelt::notify
