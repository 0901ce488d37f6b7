#include "pipeline/internal/trigger.h"

namespace smelt::pipeline::internal {
namespace {

Verdict RunWhen(bool ready) {
  return ready ? Verdict::kRun : Verdict::kWait;
}

/// The rules for which a need that ended in the wrong way decides at once.
Verdict JudgeStrict(TriggerRule rule, const NeedCounts& needs, bool all_ended) {
  switch (rule) {
    case TriggerRule::kAllSuccess:
      if (needs.failed > 0) return Verdict::kRuleOut;
      return needs.skipped > 0 ? Verdict::kSkip : RunWhen(all_ended);
    case TriggerRule::kAllFailed: return needs.succeeded + needs.skipped > 0 ? Verdict::kSkip : RunWhen(all_ended);
    case TriggerRule::kAllSkipped: return needs.succeeded + needs.failed > 0 ? Verdict::kSkip : RunWhen(all_ended);
    case TriggerRule::kNoneFailed: return needs.failed > 0 ? Verdict::kRuleOut : RunWhen(all_ended);
    case TriggerRule::kNoneFailedMinOneSuccess:
      if (needs.failed > 0) return Verdict::kRuleOut;
      if (!all_ended) return Verdict::kWait;
      return needs.succeeded > 0 || needs.total == 0 ? Verdict::kRun : Verdict::kSkip;
    case TriggerRule::kNoneSkipped: return needs.skipped > 0 ? Verdict::kSkip : RunWhen(all_ended);
    default: return Verdict::kWait;
  }
}

}  // namespace

Verdict Judge(TriggerRule rule, const NeedCounts& needs) {
  const bool all_ended = needs.ended() == needs.total;
  const Verdict none = needs.total == 0 ? Verdict::kRun : Verdict::kSkip;  // all ended, and none as wanted
  switch (rule) {
    case TriggerRule::kAlways: return Verdict::kRun;
    case TriggerRule::kAllDone: return RunWhen(all_ended);
    case TriggerRule::kAllDoneMinOneSuccess:
      if (!all_ended) return Verdict::kWait;
      if (needs.succeeded > 0) return Verdict::kRun;
      return needs.failed > 0 ? Verdict::kRuleOut : none;
    case TriggerRule::kOneFailed:
      if (needs.failed > 0) return Verdict::kRun;
      return all_ended ? none : Verdict::kWait;
    case TriggerRule::kOneSuccess:
      if (needs.succeeded > 0) return Verdict::kRun;
      if (!all_ended) return Verdict::kWait;
      return needs.failed > 0 ? Verdict::kRuleOut : none;
    case TriggerRule::kOneDone:
      if (needs.succeeded + needs.failed > 0) return Verdict::kRun;
      return all_ended ? none : Verdict::kWait;
    default: return JudgeStrict(rule, needs, all_ended);
  }
}

}  // namespace smelt::pipeline::internal
