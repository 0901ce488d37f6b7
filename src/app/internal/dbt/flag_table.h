#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace smelt::app {

/// The commands of dbt as bits, to say which of them a flag belongs to.
enum DbtCommandBit : std::uint32_t {
  kBitBuild = 1U << 0,
  kBitRun = 1U << 1,
  kBitTest = 1U << 2,
  kBitSeed = 1U << 3,
  kBitSnapshot = 1U << 4,
  kBitCompile = 1U << 5,
  kBitParse = 1U << 6,
  kBitList = 1U << 7,
  kBitShow = 1U << 8,
  kBitFreshness = 1U << 9,
  kBitDocs = 1U << 10,
  kBitRunOperation = 1U << 11,
  kBitRetry = 1U << 12,
  kBitClone = 1U << 13,
  kBitDeps = 1U << 14,
  kBitDebug = 1U << 15,
  kBitClean = 1U << 16,
  kBitLineage = 1U << 17,  ///< smelt's own
  kBitServe = 1U << 18,    ///< docs serve
  kBitsAll = (1U << 19) - 1,
};

enum class FlagKind : std::uint8_t {
  kSwitch,  ///< on or off
  kText,
  kNumber,
  kList,  ///< one or more words, also repeated
};

enum class FlagEffect : std::uint8_t {
  kActs,
  kAccepted,  ///< means nothing here
};

/// A flag of dbt's command line.
struct FlagRow {
  std::string_view key;    ///< dbt's name of it in `flags:` and in artefacts: "full_refresh"
  std::string_view names;  ///< as CLI11 takes them: "-f,--full-refresh"
  FlagKind kind = FlagKind::kSwitch;
  std::uint32_t commands = kBitsAll;  ///< DbtCommandBit; all of them: also before the command's name
  FlagEffect effect = FlagEffect::kActs;
  bool environment = false;       ///< read from DBT_ENGINE_<KEY> or DBT_<KEY> too
  std::string_view choices = {};  ///< "eager|cautious"; empty: any value
  std::string_view summary = {};
};

/// Every flag that dbt's commands take.
std::span<const FlagRow> FlagRows();

}  // namespace smelt::app
