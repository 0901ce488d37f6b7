#include "engine/internal/postgres_functions/macro_functions.h"

#include <duckdb/catalog/default/default_functions.hpp>
#include <span>

namespace smelt::engine::postgres {
namespace {

using duckdb::DefaultMacro;

// Parameters have names that no column has; those that callers give by name have PostgreSQL's. Overloads of one
// function stand together.

constexpr DefaultMacro kPostgresMacros[] = {
    {"main",
     "~*",
     {"a_text_", "a_pattern_", nullptr},
     {{nullptr, nullptr}},
     "regexp_matches(a_text_, a_pattern_, 'is')"},
    {"main",
     "!~*",
     {"a_text_", "a_pattern_", nullptr},
     {{nullptr, nullptr}},
     "NOT regexp_matches(a_text_, a_pattern_, 'is')"},

    // What `~` and `!~` are at the PostgreSQL port: the engine's own match whole texts.
    {"main",
     "~@",
     {"a_text_", "a_pattern_", nullptr},
     {{nullptr, nullptr}},
     "regexp_matches(a_text_, a_pattern_, 's')"},
    {"main",
     "!~@",
     {"a_text_", "a_pattern_", nullptr},
     {{nullptr, nullptr}},
     "NOT regexp_matches(a_text_, a_pattern_, 's')"},

    // So are these, for statements of its dialect.
    {"main", "lpad@", {"a_text_", "a_length_", nullptr}, {{nullptr, nullptr}}, "lpad(a_text_, a_length_, ' ')"},
    {"main", "rpad@", {"a_text_", "a_length_", nullptr}, {{nullptr, nullptr}}, "rpad(a_text_, a_length_, ' ')"},
    {"main",
     "array_to_string@",
     {"a_list_", "a_between_", "a_null_", nullptr},
     {{nullptr, nullptr}},
     "array_to_string(list_transform(a_list_, lambda a_entry_ : coalesce(a_entry_::VARCHAR, a_null_)), a_between_)"},
    {"main",
     "array_length@",
     {"a_list_", "a_dimension_", nullptr},
     {{nullptr, nullptr}},
     "CASE WHEN a_dimension_ = 1 THEN nullif(len(a_list_), 0)::INTEGER END"},
    {"main",
     "date_trunc_in@",
     {"a_field_", "a_time_", "a_zone_", nullptr},
     {{nullptr, nullptr}},
     "timezone(a_zone_, date_trunc(a_field_, timezone(a_zone_, a_time_)))"},

    {"main",
     "regexp_like",
     {"a_text_", "a_pattern_", nullptr},
     {{nullptr, nullptr}},
     "regexp_matches(a_text_, a_pattern_, 's')"},
    {"main",
     "regexp_like",
     {"a_text_", "a_pattern_", "a_flags_", nullptr},
     {{nullptr, nullptr}},
     "regexp_matches(a_text_, a_pattern_, 's' || a_flags_)"},
    {"main",
     "regexp_count",
     {"a_text_", "a_pattern_", nullptr},
     {{nullptr, nullptr}},
     "len(regexp_extract_all(a_text_, a_pattern_, 0, 's'))::INTEGER"},
    {"main",
     "regexp_count",
     {"a_text_", "a_pattern_", "a_start_", nullptr},
     {{nullptr, nullptr}},
     "len(regexp_extract_all(substr(a_text_, a_start_), a_pattern_, 0, 's'))::INTEGER"},
    {"main",
     "regexp_count",
     {"a_text_", "a_pattern_", "a_start_", "a_flags_", nullptr},
     {{nullptr, nullptr}},
     "len(regexp_extract_all(substr(a_text_, a_start_), a_pattern_, 0, 's' || a_flags_))::INTEGER"},
    {"main",
     "regexp_substr",
     {"a_text_", "a_pattern_", nullptr},
     {{nullptr, nullptr}},
     "regexp_extract_all(a_text_, a_pattern_, 0, 's')[1]"},
    {"main",
     "regexp_substr",
     {"a_text_", "a_pattern_", "a_start_", nullptr},
     {{nullptr, nullptr}},
     "regexp_extract_all(substr(a_text_, a_start_), a_pattern_, 0, 's')[1]"},
    {"main",
     "regexp_substr",
     {"a_text_", "a_pattern_", "a_start_", "a_place_", nullptr},
     {{nullptr, nullptr}},
     "regexp_extract_all(substr(a_text_, a_start_), a_pattern_, 0, 's')[a_place_]"},
    // How many groups a pattern has: brackets that open one, outside of classes and not escaped.
    {"main",
     "smelt_regexp_groups",
     {"a_pattern_", nullptr},
     {{nullptr, nullptr}},
     R"(len(regexp_extract_all(
          regexp_replace(a_pattern_, '\\.|\[\^?\]?(?:\[:\w+:\]|\\.|[^\]\\])*\]', '', 'gs'),
          '\((?:[^?]|\?P?<[a-zA-Z_]|$)')))"},
    {"main",
     "regexp_match",
     {"a_text_", "a_pattern_", nullptr},
     {{nullptr, nullptr}},
     R"(CASE WHEN regexp_matches(a_text_, a_pattern_, 's') THEN
          list_transform(range(least(smelt_regexp_groups(a_pattern_), 1), smelt_regexp_groups(a_pattern_) + 1),
            lambda a_group_ : regexp_extract_all(a_text_, a_pattern_, a_group_::INTEGER, 's')[1]) END)"},
    {"main",
     "regexp_match",
     {"a_text_", "a_pattern_", "a_flags_", nullptr},
     {{nullptr, nullptr}},
     R"(CASE WHEN regexp_matches(a_text_, a_pattern_, 's' || a_flags_) THEN
          list_transform(range(least(smelt_regexp_groups(a_pattern_), 1), smelt_regexp_groups(a_pattern_) + 1),
            lambda a_group_ : regexp_extract_all(a_text_, a_pattern_, a_group_::INTEGER, 's' || a_flags_)[1]) END)"},

    {"main",
     "initcap",
     {"a_text_", nullptr},
     {{nullptr, nullptr}},
     R"(CASE WHEN a_text_ IS NOT NULL THEN coalesce(list_aggregate(
          list_transform(regexp_extract_all(a_text_, '[\pL\pN]+|[^\pL\pN]+'),
            lambda a_word_ : upper(substr(a_word_, 1, 1)) || lower(substr(a_word_, 2))), 'string_agg', ''), '') END)"},
    {"main",
     "overlay",
     {"a_text_", "a_part_", "a_from_", nullptr},
     {{nullptr, nullptr}},
     R"(CASE WHEN a_from_ < 1 THEN error('overlay: the place ' || a_from_ || ' is below 1')
          ELSE left(a_text_, a_from_ - 1) || a_part_ || substr(a_text_, a_from_ + length(a_part_)) END)"},
    {"main",
     "overlay",
     {"a_text_", "a_part_", "a_from_", "a_for_", nullptr},
     {{nullptr, nullptr}},
     R"(CASE WHEN a_from_ < 1 THEN error('overlay: the place ' || a_from_ || ' is below 1')
          ELSE left(a_text_, a_from_ - 1) || a_part_ || substr(a_text_, greatest(a_from_ + a_for_, 1)) END)"},
    {"main", "btrim", {"a_text_", nullptr}, {{nullptr, nullptr}}, "trim(a_text_, ' ')"},
    {"main", "btrim", {"a_text_", "a_characters_", nullptr}, {{nullptr, nullptr}}, "trim(a_text_, a_characters_)"},
    {"main",
     "quote_literal",
     {"a_text_", nullptr},
     {{nullptr, nullptr}},
     R"(CASE WHEN contains(a_text_::VARCHAR, '\') THEN 'E' ELSE '' END || '''' ||
          replace(replace(a_text_::VARCHAR, '''', ''''''), '\', '\\') || '''')"},
    {"main", "quote_nullable", {"a_text_", nullptr}, {{nullptr, nullptr}}, "coalesce(quote_literal(a_text_), 'NULL')"},

    {"main",
     "make_interval",
     {nullptr},
     {{"years", "0"},
      {"months", "0"},
      {"weeks", "0"},
      {"days", "0"},
      {"hours", "0"},
      {"mins", "0"},
      {"secs", "0"},
      {nullptr, nullptr}},
     R"(to_years(years::INTEGER) + to_months(months::INTEGER) + to_days((weeks * 7 + days)::INTEGER) +
          to_hours(hours::BIGINT) + to_minutes(mins::BIGINT) +
          to_microseconds(round(secs::DOUBLE * 1000000)::BIGINT))"},
    {"main", "statement_timestamp", {nullptr}, {{nullptr, nullptr}}, "now()"},
    {"main",
     "overlaps",
     {"a_from_", "a_to_", "b_from_", "b_to_", nullptr},
     {{nullptr, nullptr}},
     R"(CASE WHEN least(a_from_, a_to_) > least(b_from_, b_to_) THEN least(a_from_, a_to_) < greatest(b_from_, b_to_)
             WHEN least(a_from_, a_to_) < least(b_from_, b_to_) THEN least(b_from_, b_to_) < greatest(a_from_, a_to_)
             WHEN least(a_from_, a_to_) = least(b_from_, b_to_) THEN true END)"},

    {"main",
     "array_remove",
     {"a_list_", "a_value_", nullptr},
     {{nullptr, nullptr}},
     "list_filter(a_list_, lambda a_entry_ : a_entry_ IS DISTINCT FROM a_value_)"},
    {"main",
     "array_replace",
     {"a_list_", "a_old_", "a_new_", nullptr},
     {{nullptr, nullptr}},
     "list_transform(a_list_, lambda a_entry_ : CASE WHEN a_entry_ IS NOT DISTINCT FROM a_old_ THEN a_new_ ELSE "
     "a_entry_ "
     "END)"},
    {"main",
     "array_positions",
     {"a_list_", "a_value_", nullptr},
     {{nullptr, nullptr}},
     "list_filter(range(1, len(a_list_) + 1), lambda a_place_ : a_list_[a_place_] IS NOT DISTINCT FROM "
     "a_value_)::INTEGER[]"},
    {"main",
     "array_upper",
     {"a_list_", "a_dimension_", nullptr},
     {{nullptr, nullptr}},
     "CASE WHEN a_dimension_ = 1 THEN nullif(len(a_list_), 0)::INTEGER END"},
    {"main",
     "array_lower",
     {"a_list_", "a_dimension_", nullptr},
     {{nullptr, nullptr}},
     "CASE WHEN a_dimension_ = 1 AND len(a_list_) > 0 THEN 1 END"},
    {"main",
     "array_ndims",
     {"a_list_", nullptr},
     {{nullptr, nullptr}},
     R"(CASE WHEN len(a_list_) > 0 THEN (length(regexp_extract(typeof(a_list_), '(\[\d*\])+$')) -
          length(replace(regexp_extract(typeof(a_list_), '(\[\d*\])+$'), '[', '')))::INTEGER END)"},

    {"main",
     "json_typeof",
     {"a_json_", nullptr},
     {{nullptr, nullptr}},
     R"(CASE json_type(a_json_) WHEN 'OBJECT' THEN 'object' WHEN 'ARRAY' THEN 'array' WHEN 'VARCHAR' THEN 'string'
          WHEN 'BOOLEAN' THEN 'boolean' WHEN 'NULL' THEN 'null' WHEN 'BIGINT' THEN 'number' WHEN 'UBIGINT' THEN 'number'
          WHEN 'DOUBLE' THEN 'number' WHEN 'HUGEINT' THEN 'number' END)"},
    {"main", "jsonb_typeof", {"a_json_", nullptr}, {{nullptr, nullptr}}, "json_typeof(a_json_)"},

    // regexp_matches of the PostgreSQL port: the engine's own says whether a text matches.
    {"main",
     "regexp_matches@",
     {"a_text_", "a_pattern_", nullptr},
     {{nullptr, nullptr}},
     R"(unnest(list_filter([regexp_match(a_text_, a_pattern_)], lambda a_match_ : a_match_ IS NOT NULL)))"},
    {"main",
     "regexp_matches@",
     {"a_text_", "a_pattern_", "a_flags_", nullptr},
     {{nullptr, nullptr}},
     R"(unnest(CASE WHEN NOT contains(a_flags_, 'g')
          THEN list_filter([regexp_match(a_text_, a_pattern_, replace(a_flags_, 'g', ''))], lambda a_match_ : a_match_ IS NOT NULL)
          ELSE list_transform(
            range(1, len(regexp_extract_all(a_text_, a_pattern_, 0, 's' || replace(a_flags_, 'g', ''))) + 1),
            lambda a_place_ : list_transform(
              range(least(smelt_regexp_groups(a_pattern_), 1), smelt_regexp_groups(a_pattern_) + 1),
              lambda a_group_ : regexp_extract_all(a_text_, a_pattern_, a_group_::INTEGER,
                's' || replace(a_flags_, 'g', ''))[a_place_])) END))"},

    {"main", "|/", {"a_number_", nullptr}, {{nullptr, nullptr}}, "sqrt(a_number_::DOUBLE)"},
    {"main", "||/", {"a_number_", nullptr}, {{nullptr, nullptr}}, "cbrt(a_number_::DOUBLE)"},
};

}  // namespace

void RegisterMacroFunctions(duckdb::DatabaseInstance& db) {
  duckdb::ExtensionLoader loader(db, "smelt");
  const std::span<const DefaultMacro> macros = kPostgresMacros;
  for (std::size_t begin = 0; begin < macros.size();) {
    std::size_t end = begin + 1;
    while (end < macros.size() && std::string_view(macros[end].name) == macros[begin].name) ++end;
    auto info = duckdb::DefaultFunctionGenerator::CreateInternalMacroInfo(
        duckdb::array_ptr<const DefaultMacro>(&macros[begin], end - begin));
    loader.RegisterFunction(*info);
    begin = end;
  }
}

}  // namespace smelt::engine::postgres
