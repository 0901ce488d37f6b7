#pragma once

#include "base/json.h"
#include "notify/alert.h"
#include "notify/channels/post.h"

namespace smelt::notify::channels {

/// An event of PagerDuty's Events API v2, without the routing key. The incident's id is its dedup_key, so that all that
/// is told of an incident lands in one there, and telling twice does no harm.
Json PagerDutyEvent(const Alert& alert);

/// Errors: kAlertSecretMissing.
Result<Post> PagerDutyPost(const Channel& channel, const Alert& alert);

}  // namespace smelt::notify::channels
