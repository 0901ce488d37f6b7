#include "app/internal/dbt/flag_table.h"

#include <array>

namespace smelt::app {
namespace {

using enum FlagKind;
using enum FlagEffect;

constexpr std::uint32_t kSelecting = kBitBuild | kBitRun | kBitTest | kBitSeed | kBitSnapshot | kBitCompile | kBitList |
                                     kBitShow | kBitFreshness | kBitDocs | kBitClone;
constexpr std::uint32_t kBuilding = kBitBuild | kBitRun | kBitTest | kBitSeed | kBitSnapshot | kBitCompile | kBitRetry;
constexpr std::uint32_t kTyped = kBitBuild | kBitTest | kBitList | kBitClone;
constexpr std::uint32_t kTimed = kBitBuild | kBitRun;
constexpr std::uint32_t kQuerying = kBitCompile | kBitShow;

constexpr std::string_view kLevels = "debug|info|warn|error|none";
constexpr std::string_view kFormats = "text|debug|json|default";
constexpr std::string_view kTypes =
    "model|test|unit_test|seed|snapshot|source|analysis|exposure|metric|semantic_model|saved_query|function|default|"
    "all";

// clang-format off
constexpr std::array kRows = {
    // What to work on.
    FlagRow{"select", "-s,--select,-m,--models,--model", kList, kSelecting & ~kBitList, kActs, false, {}, "Nodes, in dbt's selection syntax"},
    FlagRow{"select", "-s,--select", kList, kBitList, kActs, false, {}, "Nodes, in dbt's selection syntax"},
    FlagRow{"models", "-m,--models,--model", kList, kBitList, kActs, false, {}, "The same, of models only"},
    FlagRow{"exclude", "--exclude", kList, kSelecting, kActs, false, {}, "Nodes to leave out"},
    FlagRow{"selector", "--selector", kText, kSelecting, kActs, false, {}, "A selection of selectors.yml"},
    FlagRow{"resource_types", "--resource-type,--resource-types", kList, kTyped, kActs, true, kTypes, "Only nodes of these types"},
    FlagRow{"exclude_resource_types", "--exclude-resource-type,--exclude-resource-types", kList, kTyped, kActs, true, kTypes, "No nodes of these types"},
    FlagRow{"indirect_selection", "--indirect-selection", kText, kBitsAll, kActs, true, "eager|cautious|buildable|empty", "Which tests a selection brings along"},
    FlagRow{"inline", "--inline", kText, kQuerying, kActs, false, {}, "A query with templates, in place of a node"},
    FlagRow{"inline_direct", "--inline-direct", kText, kBitShow, kActs, false, {}, "A query without templates"},
    // How to work.
    FlagRow{"full_refresh", "-f,--full-refresh", kSwitch, kBuilding | kBitShow | kBitClone, kActs, true, {}, "Build incremental models and seeds anew"},
    FlagRow{"audit", "--audit,!--no-audit", kSwitch, kBitBuild | kBitRun | kBitSeed | kBitSnapshot | kBitRetry, kActs, false, {}, "Commit tables only when the expectation suites of the project find them good (the default in a project with smelt.yml)"},
    FlagRow{"skip_unchanged", "--skip-unchanged", kSwitch, kBuilding, kActs, false, {}, "Leave out nodes whose definition and inputs have not changed"},
    FlagRow{"fail_fast", "-x,--fail-fast,!--no-fail-fast", kSwitch, kBitsAll, kActs, true, {}, "Start nothing new after the first failure"},
    FlagRow{"empty", "--empty,!--no-empty", kSwitch, kBitBuild | kBitRun | kBitCompile | kBitSnapshot, kActs, true, {}, "Read no rows of refs and sources"},
    FlagRow{"sample", "--sample", kText, kTimed, kActs, true, {}, "Read a window of time only"},
    FlagRow{"event_time_start", "--event-time-start", kText, kTimed, kActs, true, {}, "First moment that microbatch models build"},
    FlagRow{"event_time_end", "--event-time-end", kText, kTimed, kActs, true, {}, "Moment before which they end"},
    FlagRow{"store_failures", "--store-failures", kSwitch, kBitBuild | kBitTest, kActs, true, {}, "Keep the failing rows of tests as tables"},
    FlagRow{"vars", "--vars", kText, kBitsAll, kActs, false, {}, "Variables as YAML or JSON: '{name: value}'"},
    FlagRow{"threads", "--threads", kNumber, kBitsAll, kActs, false, {}, "Nodes side by side; 0 is one per core"},
    FlagRow{"defer", "--defer,!--no-defer", kSwitch, kBitsAll, kActs, true, {}, "Read what is not selected and not here from another state"},
    FlagRow{"favor_state", "--favor-state,!--no-favor-state", kSwitch, kBitsAll, kActs, true, {}, "With --defer: also what is here"},
    FlagRow{"state", "--state", kText, kBitsAll, kActs, true, {}, "Folder with the artefacts of another run"},
    FlagRow{"defer_state", "--defer-state", kText, kBitsAll, kActs, true, {}, "The same, for --defer only"},
    FlagRow{"warn_error", "--warn-error", kSwitch, kBitsAll, kActs, true, {}, "What would be a warning is an error"},
    FlagRow{"warn_error_options", "--warn-error-options", kText, kBitsAll, kActs, true, {}, "The same by names: '{error: all, silence: [NAME]}'"},
    // Where things are.
    FlagRow{"project_dir", "--project-dir", kText, kBitsAll, kActs, true, {}, "The folder that holds dbt_project.yml or smelt.yml"},
    FlagRow{"profiles_dir", "--profiles-dir", kText, kBitsAll, kActs, true, {}, "The folder that holds profiles.yml"},
    FlagRow{"profile", "--profile", kText, kBitsAll, kActs, true, {}, "The profile, in place of the project's"},
    FlagRow{"target", "-t,--target", kText, kBitsAll, kActs, true, {}, "The output of the profile"},
    FlagRow{"target_path", "--target-path", kText, kBitsAll, kActs, true, {}, "Where artefacts and compiled SQL go"},
    FlagRow{"log_path", "--log-path", kText, kBitsAll, kActs, true, {}, "Folder of dbt.log"},
    // What is shown.
    FlagRow{"quiet", "-q,--quiet,!--no-quiet", kSwitch, kBitsAll, kActs, true, {}, "Only errors, and what templates print"},
    FlagRow{"print", "--print,!--no-print", kSwitch, kBitsAll, kActs, true, {}, "Show what templates print"},
    FlagRow{"use_colors", "--use-colors,!--no-use-colors", kSwitch, kBitsAll, kActs, true, {}, "Colours on a terminal"},
    FlagRow{"log_format", "--log-format", kText, kBitsAll, kActs, true, kFormats, "'json': dbt's events, one per line"},
    FlagRow{"log_level", "--log-level", kText, kBitsAll, kActs, true, kLevels, "What is shown at least; 'error' and 'none' are --quiet"},
    FlagRow{"write_json", "--write-json,!--no-write-json", kSwitch, kBitsAll, kActs, true, {}, "Write artefacts"},
    FlagRow{"output", "--output", kText, kBitList, kActs, false, "text|json|name|path|selector", "How nodes are shown"},
    FlagRow{"output", "--output", kText, kQuerying, kActs, false, "text|json", "How the result is shown"},
    FlagRow{"output", "-o,--output", kText, kBitFreshness, kActs, false, {}, "The file of the results"},
    FlagRow{"output", "--output", kText, kBitLineage, kActs, false, "text|json|dot", "How lineage is shown"},
    FlagRow{"upstream", "--upstream", kSwitch, kBitLineage, kActs, false, {}, "Only what it is made of"},
    FlagRow{"downstream", "--downstream", kSwitch, kBitLineage, kActs, false, {}, "Only what is made of it"},
    FlagRow{"output_keys", "--output-keys", kList, kBitList, kActs, false, {}, "Keys that --output json shows"},
    FlagRow{"limit", "--limit", kNumber, kBitShow, kActs, false, {}, "Rows to show; -1 is all"},
    // One command's own.
    FlagRow{"args", "--args", kText, kBitRunOperation, kActs, false, {}, "Arguments of the macro as YAML: '{name: value}'"},
    FlagRow{"compile", "--compile,!--no-compile", kSwitch, kBitDocs, kActs, false, {}, "Compile the nodes first"},
    FlagRow{"empty_catalog", "--empty-catalog", kSwitch, kBitDocs, kActs, false, {}, "Write a catalogue without tables"},
    FlagRow{"static", "--static", kSwitch, kBitDocs, kActs, false, {}, "Write the page as static_index.html, too"},
    FlagRow{"host", "--host", kText, kBitServe, kActs, true, {}, "Address to listen at; 127.0.0.1 unless told otherwise"},
    FlagRow{"port", "--port", kNumber, kBitServe, kActs, false, {}, "Port to listen at; 8080 unless told otherwise"},
    FlagRow{"browser", "--browser,!--no-browser", kSwitch, kBitServe, kActs, false, {}, "Open the page in a browser"},
    FlagRow{"show", "--show", kSwitch, kBitBuild | kBitSeed, kActs, false, {}, "Show rows of the seeds that were loaded"},
    FlagRow{"upgrade", "--upgrade", kSwitch, kBitDeps, kActs, false, {}, "Look for newer packages than the lock file names"},
    FlagRow{"lock", "--lock", kSwitch, kBitDeps, kActs, false, {}, "Write package-lock.yml and install nothing"},
    FlagRow{"add_package", "--add-package", kText, kBitDeps, kActs, false, {}, "Add a package to packages.yml: NAME@VERSION, FOLDER, ADDRESS@REVISION"},
    FlagRow{"source", "--source", kText, kBitDeps, kActs, false, "hub|git|local", "Where the added package comes from"},
    FlagRow{"config_dir", "--config-dir", kSwitch, kBitDebug, kActs, false, {}, "Show the folder of profiles.yml"},
    FlagRow{"connection", "--connection", kSwitch, kBitDebug, kActs, false, {}, "Check the lake only"},
    FlagRow{"clean_project_files_only", "--clean-project-files-only,!--no-clean-project-files-only", kSwitch, kBitClean, kActs, true, {}, "Refuse folders outside the project"},
    // Accepted for scripts that pass them.
    FlagRow{"cache_selected_only", "--cache-selected-only,!--no-cache-selected-only", kSwitch, kBitsAll, kAccepted, true},
    FlagRow{"debug", "-d,--debug,!--no-debug", kSwitch, kBitsAll, kAccepted, true},
    FlagRow{"deprecated_favor_state", "--deprecated-favor-state", kText, kBitsAll, kAccepted},
    FlagRow{"export_saved_queries", "--export-saved-queries,!--no-export-saved-queries", kSwitch, kBitBuild, kAccepted, true},
    FlagRow{"include_saved_query", "--include-saved-query,!--no-include-saved-query", kSwitch, kBitBuild, kAccepted, true},
    FlagRow{"inject_ephemeral_ctes", "--inject-ephemeral-ctes,!--no-inject-ephemeral-ctes", kSwitch, kBitCompile, kAccepted},
    FlagRow{"introspect", "--introspect,!--no-introspect", kSwitch, kQuerying, kAccepted, true},
    FlagRow{"log_cache_events", "--log-cache-events,!--no-log-cache-events", kSwitch, kBitsAll, kAccepted, true},
    FlagRow{"log_file_max_bytes", "--log-file-max-bytes", kNumber, kBitsAll, kActs, true, {}, "Size at which dbt.log is begun anew; 0: never"},
    FlagRow{"log_format_file", "--log-format-file", kText, kBitsAll, kActs, true, kFormats, "The same for dbt.log"},
    FlagRow{"log_level_file", "--log-level-file", kText, kBitsAll, kActs, true, kLevels, "The same for dbt.log"},
    FlagRow{"macro_debugging", "--macro-debugging,!--no-macro-debugging", kSwitch, kBitsAll, kAccepted, true},
    FlagRow{"partial_parse", "--partial-parse,!--no-partial-parse", kSwitch, kBitsAll, kActs, true, {}, "Parse only what has changed"},
    FlagRow{"partial_parse_file_diff", "--partial-parse-file-diff,!--no-partial-parse-file-diff", kSwitch, kBitsAll, kAccepted, true},
    FlagRow{"partial_parse_file_path", "--partial-parse-file-path", kText, kBitsAll, kAccepted, true},
    FlagRow{"populate_cache", "--populate-cache,!--no-populate-cache", kSwitch, kBitsAll, kAccepted, true},
    FlagRow{"printer_width", "--printer-width", kText, kBitsAll, kAccepted, true},
    FlagRow{"record_timing_info", "-r,--record-timing-info", kText, kBitsAll, kAccepted},
    FlagRow{"send_anonymous_usage_stats", "--send-anonymous-usage-stats,!--no-send-anonymous-usage-stats", kSwitch, kBitsAll, kAccepted, true},
    FlagRow{"show_all_deprecations", "--show-all-deprecations,!--no-show-all-deprecations", kSwitch, kBitsAll, kAccepted},
    FlagRow{"single_threaded", "--single-threaded,!--no-single-threaded", kSwitch, kBitsAll, kActs, true, {}, "One node at a time"},
    FlagRow{"sqlparse", "--sqlparse", kText, kSelecting, kAccepted},
    FlagRow{"static_parser", "--static-parser,!--no-static-parser", kSwitch, kBitsAll, kAccepted, true},
    FlagRow{"upload_to_artifacts_ingest_api", "--upload-to-artifacts-ingest-api,!--no-upload-to-artifacts-ingest-api", kSwitch, kBitsAll, kAccepted, true},
    FlagRow{"use_colors_file", "--use-colors-file,!--no-use-colors-file", kSwitch, kBitsAll, kAccepted, true},
    FlagRow{"use_experimental_parser", "--use-experimental-parser,!--no-use-experimental-parser", kSwitch, kBitsAll, kAccepted, true},
    FlagRow{"use_fast_test_edges", "--use-fast-test-edges,!--no-use-fast-test-edges", kSwitch, kBitsAll, kAccepted, true},
    FlagRow{"version_check", "--version-check,!--no-version-check", kSwitch, kBitsAll, kActs, true, {}, "Hold the project to its require-dbt-version"},
};
// clang-format on

}  // namespace

std::span<const FlagRow> FlagRows() {
  return kRows;
}

}  // namespace smelt::app
