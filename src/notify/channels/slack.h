#pragma once

#include "base/json.h"
#include "notify/alert.h"
#include "notify/channels/post.h"

namespace smelt::notify::channels {

/// The message for an incoming webhook: Block Kit, with a text for where blocks are not shown.
Json SlackMessage(const Alert& alert);

/// Errors: kAlertSecretMissing.
Result<Post> SlackPost(const Channel& channel, const Alert& alert);

}  // namespace smelt::notify::channels
