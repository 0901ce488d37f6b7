#pragma once

#include <stop_token>
#include <string>

#include "notify/alert.h"
#include "notify/settings.h"

namespace smelt::notify::channels {

/// The message as RFC 5322 has it: plain text and HTML as alternatives. Alerts of one incident form a thread.
std::string MailContent(const Channel& channel, const Alert& alert);

/// Errors: kMailUnsent, kMailRefused, kAlertSecretMissing, kCancelled.
Status SendByMail(const Channel& channel, const Alert& alert, std::stop_token stop);

}  // namespace smelt::notify::channels
