#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "pipeline/cron.h"

namespace smelt::pipeline {

/// Fills a CronSchedule from its text. Friend of it: the parts of a schedule are nobody else's business.
struct CronParser {
  /// One of the fields: what it is called and what it may hold.
  struct Field;

  /// Errors: kPipelineSchedule.
  static Result<CronSchedule> Parse(std::string_view text);

 private:
  static Status ParseDayOfMonth(std::string_view text, std::string_view weekday_text, CronSchedule& schedule);
  static Status ParseWeekday(std::string_view text, std::string_view day_text, CronSchedule& schedule);
  static Status ParseOrdinals(std::string_view text, CronSchedule& schedule);
  static Status ParseYear(std::string_view text, CronSchedule& schedule);
};

}  // namespace smelt::pipeline
