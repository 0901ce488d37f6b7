#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "quality/profile.h"

namespace smelt::quality {

/// What the values and the name of a column say about persons. `values` are distinct texts of it. A kind that checks
/// digits (payment cards, IBAN, CPF) is found by its checksum, so that ids are not taken for it.
std::vector<PersonalDataHint> FindPersonalData(std::string_view column, const std::vector<std::string>& values);

/// The checksum of payment cards (ISO/IEC 7812), of 12 to 19 digits with spaces or dashes between them.
bool IsPaymentCard(std::string_view text);
/// ISO 13616: country, check digits by ISO 7064 (mod 97-10).
bool IsIban(std::string_view text);
/// Brazil's number of natural persons, with or without punctuation.
bool IsCpf(std::string_view text);

}  // namespace smelt::quality
