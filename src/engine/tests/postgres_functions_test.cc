#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "base/id.h"
#include "engine/session.h"
#include "engine/statement_info.h"

namespace smelt::engine {
namespace {

/// An expression and what PostgreSQL 15 answers, as a text; null for no value.
struct Answer {
  const char* sql;
  const char* text;
};

class PostgresFunctionsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    engine_ = Engine::OpenWithoutLake(2, "").value();
    session_ = engine_->Connect().value();
  }

  ResultTable Query(const std::string& sql) {
    auto result = session_->Query(sql);
    EXPECT_TRUE(result) << sql << ": " << result.error().message();
    return result ? *std::move(result) : ResultTable{};
  }

  void Expect(const std::string& sql, const std::string& text) { EXPECT_EQ(Query(sql).Text(0, 0), text) << sql; }

  void ExpectAnswers(std::span<const Answer> answers) {
    for (const auto& [sql, text] : answers) {
      const std::string value = std::string("(") + sql + ")::varchar";
      Expect("select " + value + " is null", text == nullptr ? "true" : "false");
      if (text != nullptr) Expect("select " + value, text);
    }
  }

  std::string Refusal(const std::string& sql) {
    auto result = session_->Query(sql);
    EXPECT_FALSE(result) << sql;
    return result ? "" : result.error().message();
  }

  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Session> session_;
};

constexpr Answer kTimesAsTexts[] = {
    {"to_char(timestamp '2024-02-29 15:04:05.006789', 'YYYY-MM-DD HH24:MI:SS.MS US')",
     "2024-02-29 15:04:05.006 006789"},
    {"to_char(timestamp '2024-02-29 15:04:05.006789', 'HH:MI AM, HH12 p.m., SSSS SSSSS')",
     "03:04 PM, 03 p.m., 54245 54245"},
    {"to_char(timestamp '2024-02-29 00:04:05', 'HH12 A.M. HH24')", "12 A.M. 00"},
    {"to_char(timestamp '2024-02-29 15:04:05', 'FMHH24:FMMI:FMSS FMMonth FMDD, FMDDD')", "15:4:5 February 29, 60"},
    {"to_char(timestamp '2024-02-09 15:04:05', 'Month|MONTH|month|Mon|MON|mon|TMMonth|FMMonth|')",
     "February |FEBRUARY |february |Feb|FEB|feb|February|February|"},
    {"to_char(timestamp '2024-02-09 15:04:05', 'Day|DAY|day|Dy|DY|dy|FMDay|')",
     "Friday   |FRIDAY   |friday   |Fri|FRI|fri|Friday|"},
    {"to_char(timestamp '2024-02-01 15:04:05', 'DDth DDTH Dth MMth YYYYth')", "01st 01ST 5th 02nd 2024th"},
    {"to_char(timestamp '2023-11-12 15:04:05', 'DDth MMth')", "12th 11th"},
    {"to_char(timestamp '2021-01-03 13:05:06', 'IYYY-IW-ID IDDD IYY IY I')", "2020-53-7 371 020 20 0"},
    {R"(to_char(timestamp '2024-12-30 13:05:06', 'IYYY-"W"IW-ID D W WW DDD J Q CC RM rm FMRM'))",
     "2025-W01-1 2 5 53 365 2460675 4 21 XII  xii  XII"},
    {"to_char(timestamp '0099-03-04 05:06:07', 'Y,YYY YYYY YYY YY Y FMYYYY CC BC')", "0,099 0099 099 99 9 99 01 AD"},
    {"to_char(timestamp '2024-02-29 10:00:00' - interval '3000 years', 'YYYY BC CC Y,YYY J a.d. ad')",
     "0977 BC -10 0,977 1364642 b.c. bc"},
    {"to_char(timestamp '2024-02-29 15:04:05.987654', 'FF1 FF2 FF3 FF4 FF5 FF6')", "9 98 987 9876 98765 987654"},
    {R"(to_char(timestamp '2024-02-29', '"quoted "" \" YYYY" \"YYYY\" \YYYY é'))", R"(quoted  " YYYY "2024" \2024 é)"},
    {"to_char(timestamp '2024-02-29', 'FXYYYY TMMM FM FMTHMM')", "2024 02  TH02"},
    {"to_char(timestamp '2024-02-29', 'Week nr. is YYYY')", "5eek nr. 4s 2024"},
    {"to_char(timestamp '2024-02-29', 'TZ|OF|TZH:TZM')", "|+00|+00:00"},
    {R"(to_char(timestamptz '2024-02-29 15:04:05+00', 'YYYY-MM-DD"T"HH24:MI:SSOF TZ tz TZH:TZM'))",
     "2024-02-29T15:04:05+00 UTC utc +00:00"},
    {"to_char(date '2024-02-29', 'DD Mon YYYY HH24:MI TZ')", "29 Feb 2024 00:00 UTC"},
    {"to_char(date '9999-12-31', 'YYYY-MM-DD')", "9999-12-31"},
    {"to_char(time '15:04:05', 'HH12:MI:SS AM')", "03:04:05 PM"},
    {"to_char(interval '15 hours 2 minutes 12 seconds', 'HH24:MI:SS')", "15:02:12"},
    {"to_char(interval '1 year 2 months 3 days 100 hours', 'YYYY MM DD HH24 HH12 DDD Q CC RM')",
     "0001 02 03 100 04 423 1 00 II  "},
    {"to_char(interval '-1 year -2 months -3 days -4 hours -5 minutes', 'YYYY MM DD HH24 MI YY Y RM')",
     "-0001 -02 -3 -04 -05 -01 -1 XI  "},
    {"to_char(timestamp 'infinity', 'YYYY')", nullptr},
    {"to_char(timestamp '2024-02-29', '')", nullptr},
    {"to_char(null::timestamp, 'YYYY')", nullptr},
    {"to_char(timestamp '2024-02-29', null)", nullptr},
};

constexpr Answer kNumbersAsTexts[] = {
    {"to_char(485, '999')", " 485"},
    {"to_char(-485, '999')", "-485"},
    {"to_char(485, '9 9 9')", " 4 8 5"},
    {"to_char(1485, '9,999')", " 1,485"},
    {"to_char(1485, '9G999')", " 1,485"},
    {"to_char(485, '99')", " ##"},
    {"to_char(148.5, '999.999')", " 148.500"},
    {"to_char(148.5, 'FM999.999')", "148.5"},
    {"to_char(148.5, 'FM999.990')", "148.500"},
    {"to_char(148.5, '999D999')", " 148.500"},
    {"to_char(3148.5, '9G999D999')", " 3,148.500"},
    {"to_char(-485, '999S')", "485-"},
    {"to_char(-485, '999MI')", "485-"},
    {"to_char(485, '999MI')", "485 "},
    {"to_char(485, 'FM999MI')", "485"},
    {"to_char(485, 'PL999')", "+ 485"},
    {"to_char(485, 'SG999')", "+485"},
    {"to_char(-485, 'SG999')", "-485"},
    {"to_char(-485, '9SG99')", "4-85"},
    {"to_char(-485, '999PR')", "<485>"},
    {"to_char(485, '999PR')", " 485 "},
    {"to_char(485, 'L999')", "  485"},
    {"to_char(485, 'RN')", "        CDLXXXV"},
    {"to_char(485, 'FMRN')", "CDLXXXV"},
    {"to_char(5.2, 'FMrn')", "v"},
    {"to_char(4000, 'RN')", "###############"},
    {"to_char(482, '999th')", " 482nd"},
    {"to_char(21, 'FM99TH')", "21ST"},
    {R"(to_char(485, '"Good number:"999'))", "Good number: 485"},
    {R"(to_char(485.8, '"Pre:"999" Post:" .999'))", "Pre: 485 Post: .800"},
    {"to_char(12, '99V999')", " 12000"},
    {"to_char(12.4, '99V999')", " 12400"},
    {"to_char(12.45, '99V9')", " 125"},
    {"to_char(0.0004859, '9.99EEEE')", " 4.86e-04"},
    {"to_char(-12345, '9.999EEEE')", "-1.234e+04"},
    {"to_char(1e300::double precision, '9EEEE')", " 1e+300"},
    {"to_char(0, '9.99EEEE')", " 0.00e+00"},
    {"to_char(12, '0999')", " 0012"},
    {"to_char(12, '9990999')", "    0012"},
    {"to_char(-12, '0999.0')", "-0012.0"},
    {"to_char(0.1, '9.9')", "  .1"},
    {"to_char(0.1, '0.9')", " 0.1"},
    {"to_char(-0.1, 'FM9.99')", "-.1"},
    {"to_char(0, 'FM9.9')", "0."},
    {"to_char(0, '9')", " 0"},
    {"to_char(2.5, '9')", " 3"},
    {"to_char(2.5::double precision, '9')", " 2"},
    {"to_char(99.995, '99.99')", " ##.##"},
    {"to_char(1234567.891, 'FM9,999,999.00')", "1,234,567.89"},
    {"to_char(-0.004, '9.99')", "  .00"},
    {"to_char(-0.004::double precision, '9.99')", " -.00"},
    {"to_char(123456.789::real, '999999.99')", " 123457"},
    {"to_char(0.1::real, '9.99999999999')", "  .10000"},
    {"to_char('NaN'::double precision, '999.9')", " NaN"},
    {"to_char('Infinity'::double precision, '999')", " ###"},
    {"to_char('-Infinity'::double precision, '9.99EEEE')", " #.######"},
    {"to_char(9223372036854775807, 'S9G999G999G999G999G999G999')", "+9,223,372,036,854,775,807"},
    {"to_char(12345678901234567890123::numeric(38,0), '99,999,999,999,999,999,999,999')",
     " 12,345,678,901,234,567,890,123"},
    {R"(to_char(7::smallint, '"n°"9'))", "n° 7"},
    {"to_char(5, '')", ""},
    {"to_char(null::integer, '9')", nullptr},
    {"to_char(5, null)", nullptr},
};

constexpr Answer kTextsAsTimes[] = {
    {"to_date('05 Dec 2000', 'DD Mon YYYY')::text", "2000-12-05"},
    {"to_date('20000131', 'YYYYMMDD')::text", "2000-01-31"},
    {"to_date('2024-060', 'YYYY-DDD')::text", "2024-02-29"},
    {R"(to_date('2024-W09-4', 'IYYY-"W"IW-ID')::text)", "2024-02-29"},
    {"to_date('24-2-9', 'YY-MM-DD')::text", "2024-02-09"},
    {"to_date('69-2-9', 'YY-MM-DD')::text", "2069-02-09"},
    {"to_date('70-2-9', 'YY-MM-DD')::text", "1970-02-09"},
    {"to_date('2,024', 'Y,YYY')::text", "2024-01-01"},
    {"to_date('20 24', 'CC YY')::text", "1924-01-01"},
    {"to_date('xii 2024', 'rm YYYY')::text", "2024-12-01"},
    {"to_date('2460370', 'J')::text", "2024-02-29"},
    {"to_date('thursday 29 february 2024', 'Day DD Month YYYY')::text", "2024-02-29"},
    {"to_date('2024 9', 'YYYY WW')::text", "2024-02-26"},
    {"to_date('2024 02 3', 'YYYY MM W')::text", "2024-02-15"},
    {"to_date('3rd May 2024', 'DDth Mon YYYY')::text", "2024-05-03"},
    {"to_date('  2024 -  02/29 ', 'YYYY-MM-DD')::text", "2024-02-29"},
    {"to_date(null, 'YYYY')::text", nullptr},
    {"to_timestamp('2024-02-29 15:04:05', 'YYYY-MM-DD HH24:MI:SS')::text", "2024-02-29 15:04:05+00"},
    {"to_timestamp('2024-02-29 03:04 PM', 'YYYY-MM-DD HH12:MI PM')::text", "2024-02-29 15:04:00+00"},
    {"to_timestamp('2024-02-29 12:04 a.m.', 'YYYY-MM-DD HH:MI A.M.')::text", "2024-02-29 00:04:00+00"},
    {"to_timestamp('2024-02-29 15:04:05.12', 'YYYY-MM-DD HH24:MI:SS.MS')::text", "2024-02-29 15:04:05.12+00"},
    {"to_timestamp('2024-02-29 15:04:05.5678', 'YYYY-MM-DD HH24:MI:SS.US')::text", "2024-02-29 15:04:05.5678+00"},
    {"to_timestamp('2024-02-29 15:04:05.5678', 'YYYY-MM-DD HH24:MI:SS.FF2')::text", "2024-02-29 15:04:05.57+00"},
    {"to_timestamp('2024-02-29 15:04+05:30', 'YYYY-MM-DD HH24:MITZH:TZM')::text", "2024-02-29 09:34:00+00"},
    {"to_timestamp('2024-02-29 54245', 'YYYY-MM-DD SSSS')::text", "2024-02-29 15:04:05+00"},
    {"to_timestamp('05 Dec 2000', 'DD Mon YYYY')::text", "2000-12-05 00:00:00+00"},
    {"to_timestamp(1.5)::text", "1970-01-01 00:00:01.5+00"},
};

constexpr Answer kTextsAsNumbers[] = {
    {"to_number('12,454.8-', '99G999D9S')", "-12454.8"},
    {"to_number('-12', '999')", "-12"},
    {"to_number(' 12', '999')", "12"},
    {"to_number('1,234.56', '9,999.99')", "1234.56"},
    {"to_number('<5>', '9PR')", "-5"},
    {"to_number('5-', '9MI')", "-5"},
    {"to_number('$12', 'L99')", "12"},
    {"to_number('485th', '999th')", "485"},
    {"to_number('12345', '999V99')", "123.4500000000000000"},
    {"to_number('.5', '9.9')", "0.5"},
    {"to_number('1.', '9.9')", "1"},
    {"to_number('', '')", nullptr},
    {"to_number(null, '9')", nullptr},
};

constexpr Answer kOtherAnswers[] = {
    {"initcap('hi THOMAS o''neil ÉTÉ straße 3rd x2y')", "Hi Thomas O'Neil Été Straße 3rd X2y"},
    {"initcap('')", ""},
    {"'XYZ' ~* 'y'", "true"},
    {"'XYZ' !~* 'y'", "false"},
    {"null ~* 'a'", nullptr},
    {R"(E'a\nb' ~* 'A.B')", "true"},
    {R"(regexp_count('123123123', '\d{3}'))", "3"},
    {"regexp_count('ABCABC', 'b', 1, 'i')", "2"},
    {"regexp_like('Hello', 'hell', 'i')", "true"},
    {"regexp_like('Hello', 'hell')", "false"},
    {"regexp_substr('foobarbaz', 'ba.')", "bar"},
    {"regexp_substr('foobarbaz', 'ba.', 1, 2)", "baz"},
    {"regexp_substr('foobarbaz', 'x')", nullptr},
    {"width_bucket(5.35, 0.024, 10.06, 5)", "3"},
    {"width_bucket(0.29, 0, 1, 100)", "30"},
    {"width_bucket(0.29::double precision, 0, 1, 100)", "29"},
    {"width_bucket(5, 10, 0, 4)", "3"},
    {"width_bucket(-1, 0, 10, 4)", "0"},
    {"width_bucket(10, 0, 10, 4)", "5"},
    {"width_bucket(null, 10, 0, 4)", nullptr},
    {"date_bin('15 minutes', timestamp '2020-02-11 15:44:17', timestamp '2001-01-01 00:02:30')::text",
     "2020-02-11 15:32:30"},
    {"date_bin('15 minutes', timestamp '1999-02-11 15:44:17', timestamp '2001-01-01 00:02:30')::text",
     "1999-02-11 15:32:30"},
    {"date_bin('1 day', timestamptz '2024-07-31 12:00:00+00', timestamptz '2024-01-01 00:00:00+00')::text",
     "2024-07-31 00:00:00+00"},
    {"make_interval(days => 10)::text", "10 days"},
    {"make_interval(hours => 2, mins => 3, secs => 1.5)::text", "02:03:01.5"},
    {"make_interval(1, 2, 3, 4, 5, 6, 7.5) = interval '1 year 2 months 25 days 05:06:07.5'", "true"},
    {"justify_hours(interval '27 hours')::text", "1 day 03:00:00"},
    {"justify_days(interval '35 days') = interval '1 month 5 days'", "true"},
    {"justify_interval(interval '1 mon -1 hour')::text", "29 days 23:00:00"},
    {"(date '2001-02-16', date '2001-12-21') overlaps (date '2001-10-30', date '2002-10-30')", "true"},
    {"(date '2001-02-16', date '2001-10-30') overlaps (date '2001-10-30', date '2002-10-30')", "false"},
    {"(date '2001-10-30', date '2001-10-30') overlaps (date '2001-10-30', date '2001-10-31')", "true"},
    {"overlay('Txxxxas' placing 'hom' from 2 for 4)", "Thomas"},
    {"overlay('Txxxxas' placing 'hom' from 2)", "Thomxas"},
    {"btrim('  a b  ')", "a b"},
    {"btrim('xyxtrimyyx', 'xyz')", "trim"},
    {"quote_literal('O''Reilly')", "'O''Reilly'"},
    {R"(quote_literal(E'C:\\x'))", R"(E'C:\\x')"},
    {"quote_literal(42.5)", "'42.5'"},
    {"quote_nullable(null)", "NULL"},
    {"quote_ident('Foo bar')", R"("Foo bar")"},
    {"quote_ident('foo')", "foo"},
    {"quote_ident('select')", R"("select")"},
    {R"(quote_ident('a"b'))", R"("a""b")"},
    {"num_nulls(1, null, 'a')", "1"},
    {"num_nonnulls(1, null, 'a')", "2"},
    {"scale(8.41)", "2"},
    {"scale(5)", "0"},
    {"div(-9, 4)", "-2"},
    {"div(7.5, 2)", "3"},
    {"div(3, 0.1)", "30"},
    {"encode('abc'::bytea, 'hex')", "616263"},
    {"encode('abc'::bytea, 'base64')", "YWJj"},
    {"encode('a quite long text that is more than seventy six characters in base64, surely'::bytea, 'base64')",
     "YSBxdWl0ZSBsb25nIHRleHQgdGhhdCBpcyBtb3JlIHRoYW4gc2V2ZW50eSBzaXggY2hhcmFjdGVy\ncyBpbiBiYXNlNjQsIHN1cmVseQ=="},
    {"encode(decode('61ff5C', 'hex'), 'escape')", R"(a\377\\)"},
    {"encode(decode('YWI=', 'base64'), 'escape')", "ab"},
    {R"(encode(decode('a\\b\001', 'escape'), 'hex'))", "615c6201"},
    {"cardinality(array[1,2,3])", "3"},
    {"cardinality(array[[1,2],[3,4]])", "4"},
    {"array_upper(array[1,8,3,7], 1)", "4"},
    {"array_upper(array[1,8,3,7], 2)", nullptr},
    {"array_lower(array[1,8,3,7], 1)", "1"},
    {"array_ndims(array[[1,2,3],[4,5,6]])", "2"},
    {"array_ndims(array[1])", "1"},
    {"jsonb_array_length('[1,2]'::json)", "2"},
    {R"(jsonb_extract_path_text('{"a":{"b":[10,20]}}'::json, 'a', 'b', '1'))", "20"},
    {R"(json_extract_path_text('{"a":{"b.c":1}}'::json, 'a', 'b.c'))", "1"},
    {R"(json_extract_path_text('{"a":{"b/~":"x"}}'::json, 'a', 'b/~'))", "x"},
    {R"(json_typeof('{"a":1}'::json))", "object"},
    {"jsonb_typeof('1.5'::json)", "number"},
    {"(select string_agg(v, '+') from jsonb_array_elements_text('[\"a\", \"b\"]') as t(v))", "a+b"},
    {"(select string_agg(key || value, '+') from jsonb_each('{\"a\": 1, \"b\": [2]}'))", "a1+b[2]"},
    {"(select count(*) from (select json_object_keys('{\"a\": 1, \"b\": 2}')))", "2"},
    {"(select string_agg(t, '+') from string_to_table('a,b', ',') as r(t))", "a+b"},
};

constexpr const char* kRefused[] = {
    "to_date('2024-02-30', 'YYYY-MM-DD')",
    "to_date('2024-13-01', 'YYYY-MM-DD')",
    "to_date('abc', 'YYYY')",
    "to_date('2024-01', 'YYYY-IW')",
    "to_date('60', 'DDD')",
    "to_date('2024 2023', 'YYYY YYYY')",
    "to_timestamp('25:00', 'HH24:MI')",
    "to_timestamp('13:00', 'HH12:MI')",
    "to_timestamp('99999999999', 'YYYY')",
    "to_number('abc', '999')",
    "to_number('12345', '99.999')",
    "to_number('5', '9EEEE')",
    "to_char(interval '1 day', 'Month')",
    "to_char(5, '9.9.9')",
    "to_char(5, '9SS')",
    "to_char(5, 'PR9')",
    "to_char(5, '9EEEE9')",
    "to_char(5, '9.9V9')",
    "width_bucket(5, 1, 1, 4)",
    "width_bucket(5, 1, 2, 0)",
    "date_bin('1 month', timestamp '2024-01-01', timestamp '2024-01-01')",
    "date_bin('0 days', timestamp '2024-01-01', timestamp '2024-01-01')",
    "div(1, 0)",
    "decode('6', 'hex')",
    "decode('YWJj=', 'base64')",
    "overlay('abc' placing 'x' from 0)",
    "json_object_agg(null::text, 1)",
    "to_date('2024 UTC', 'YYYY TZ')",
};

TEST_F(PostgresFunctionsTest, TimesBecomeTexts) {
  ExpectAnswers(kTimesAsTexts);
}

TEST_F(PostgresFunctionsTest, NumbersBecomeTexts) {
  ExpectAnswers(kNumbersAsTexts);
}

TEST_F(PostgresFunctionsTest, TextsBecomeTimes) {
  ExpectAnswers(kTextsAsTimes);
}

TEST_F(PostgresFunctionsTest, TextsBecomeNumbers) {
  for (const auto& [sql, text] : kTextsAsNumbers) {
    const std::string expected = text == nullptr ? "null" : text;
    Expect(std::string("select ") + sql + " is not distinct from " + expected, "true");
  }
  Expect("select typeof(to_number('1,234.56', '9,999.99'))", "DECIMAL(6,2)");
}

TEST_F(PostgresFunctionsTest, OthersAnswerAsInPostgres) {
  ExpectAnswers(kOtherAnswers);
}

TEST_F(PostgresFunctionsTest, MistakesAreTold) {
  for (const char* sql : kRefused) EXPECT_FALSE(Refusal(std::string("select ") + sql).empty()) << sql;
  const std::string why = Refusal("select to_timestamp('2024-02-30', 'YYYY-MM-DD')");
  EXPECT_NE(why.find("'2024-02-30'"), std::string::npos) << why;
  EXPECT_NE(why.find("'YYYY-MM-DD'"), std::string::npos) << why;
}

TEST_F(PostgresFunctionsTest, FormatsMayDifferFromRowToRow) {
  const ResultTable result = Query(
      "select to_char(x, f), to_char(i, g), to_date(d, f)::varchar, to_number(n, g) from (values (timestamp "
      "'2024-02-29 01:02:03', 'YYYY', 1, 'FM0', '2024', '7'), (timestamp '2024-02-29 01:02:03', 'DD', 12, '999', '05', "
      "'12'), (null, 'YYYY', 1, null, '2024', '1'), (timestamp '2024-03-01', null, null, '9', null, null)) "
      "t(x, f, i, g, d, n)");
  EXPECT_EQ(result.Text(0, 0), "2024");
  EXPECT_EQ(result.Text(0, 1), "1");
  EXPECT_EQ(result.Text(0, 2), "2024-01-01");
  EXPECT_EQ(result.Text(1, 0), "29");
  EXPECT_EQ(result.Text(1, 1), "  12");
  EXPECT_EQ(result.Text(1, 3), "12.0");
  Expect("select count(*) from (values (null, 'YYYY'), ('2024', null)) t(d, f) where to_date(d, f) is not null", "0");
  Expect("select string_agg(to_char(i, '000'), '' order by i) from range(3) t(i)", " 000 001 002");
}

TEST_F(PostgresFunctionsTest, TimesWithZonesAreThoseOfTheSession) {
  ASSERT_TRUE(session_->Execute("set timezone = 'America/Sao_Paulo'"));
  constexpr Answer kAnswers[] = {
      {"to_char(timestamptz '2024-07-31 12:00:00+00', 'YYYY-MM-DD HH24:MI OF TZH:TZM TZ')",
       "2024-07-31 09:00 -03 -03:00 -03"},
      {"to_char(date '2024-01-31', 'TZ OF TZH:TZM')", "-03 -03 -03:00"},
      {"to_timestamp('2024-07-31 09:00', 'YYYY-MM-DD HH24:MI') = timestamptz '2024-07-31 12:00:00+00'", "true"},
      {"to_timestamp('2024-07-31 09:00 +01', 'YYYY-MM-DD HH24:MI TZH') = timestamptz '2024-07-31 08:00:00+00'", "true"},
  };
  ExpectAnswers(kAnswers);
}

TEST_F(PostgresFunctionsTest, ListsAndJson) {
  constexpr Answer kAnswers[] = {
      {"regexp_match('foobarbequebaz', 'bar.*que')", "[barbeque]"},
      {"regexp_match('foobarbequebaz', '(bar)(beque)')", "[bar, beque]"},
      {"regexp_match('foobarbequebaz', '(BAR)(x)?', 'i')", "[bar, NULL]"},
      {"regexp_match('foobarbequebaz', 'xyz')", nullptr},
      {R"(regexp_match('a]b(', '[]](b)\('))", "[b]"},
      {"regexp_match('abc', '(?:a)([b(])')", "[b]"},
      {"array_remove([1, 2, null, 2], 2)", "[1, NULL]"},
      {"array_replace([1, 2, 5, 4], 5, 3)", "[1, 2, 3, 4]"},
      {"array_positions(['A', 'A', 'B', 'A'], 'A')", "[1, 2, 4]"},
      {"json_build_object('a', 1, 2, null, 'c', 'x')", R"({"a":1,"2":null,"c":"x"})"},
      {"jsonb_build_object()", "{}"},
      {"json_build_array(1, 'a', null)", R"([1,"a",null])"},
      {"to_jsonb('a')", R"("a")"},
      {R"(jsonb_extract_path('{"a":{"b":[10,20]}}', 'a', 'b'))", "[10,20]"},
      {"cardinality(map {1: 2})", "1"},
      {"cardinality([]::int[])", "0"},
  };
  ExpectAnswers(kAnswers);
  Expect("select json_agg(x order by x desc nulls first) from (values (1), (null), (3)) t(x)", "[null,3,1]");
  Expect("select jsonb_agg(distinct x order by x) from (values (2), (1), (2)) t(x)", "[1,2]");
  Expect("select json_agg(x) filter (where x > 1) from (values (1), (2)) t(x)", "[2]");
  Expect("select json_agg(x) is null from range(0) t(x)", "true");
  Expect("select json_agg({'a': x, 'b': 'y'}) from range(2) t(x)", R"([{"a":0,"b":"y"},{"a":1,"b":"y"}])");
  Expect("select json_object_agg(k, v order by k) from (values ('b', 1), ('a\"', null)) t(k, v)",
         R"({"a\"":null,"b":1})");
  Expect("select sum(json_array_length(j)) from (select json_agg(x) as j from range(100000) t(x) group by x % 1000)",
         "100000");
  Expect("select every(x > 0)::varchar || every(x > 1)::varchar from (values (1), (2)) t(x)", "truefalse");
}

TEST_F(PostgresFunctionsTest, WhatDuckDbHasStaysAsItIs) {
  Expect("select encode('abc')::varchar", "abc");
  Expect("select decode('abc'::blob)", "abc");
  Expect("select decode('abc', 'replace')", "abc");
  Expect("select typeof(to_timestamp(0))", "TIMESTAMP WITH TIME ZONE");
  Expect("select json_extract_path_text('{\"a\":[1]}', '$.a[0]')", "1");
}

TEST_F(PostgresFunctionsTest, FormatsHaveABound) {
  EXPECT_FALSE(Refusal("select to_char(now(), repeat('Y', 1000000))").empty());
  EXPECT_FALSE(Refusal("select to_char(1, repeat('9', 1000000))").empty());
  EXPECT_FALSE(Refusal("select to_date('1', repeat('Y', 1000000))").empty());
  Expect("select length(to_char(1, repeat('9', 60000)))", "60001");
  Expect("select length(to_char(1.5, '9.' || repeat('9', 60000)))", "60003");
  Expect("select length(to_char(1.5::double, '9.' || repeat('0', 60000) || 'EEEE')) > 60000", "true");
}

class PostgresFunctionsInLakeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = (std::filesystem::temp_directory_path() / ("smelt-functions-" + NewUuid())).string();
    LakeOptions options;
    options.lake = folder_ + "/lake";
    options.threads = 1;
    std::filesystem::create_directories(folder_);
    engine_ = std::move(Engine::Open(options).value());
    session_ = std::move(engine_->Connect().value());
  }

  void TearDown() override {
    session_.reset();
    engine_.reset();
    std::filesystem::remove_all(folder_);
  }

  bool IsRepeatable(const std::string& sql) {
    const auto info = DescribeStatement(*session_, sql);
    EXPECT_TRUE(info) << sql << ": " << info.error().ToString();
    return info && info->repeatable;
  }

  std::string folder_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Session> session_;
};

TEST_F(PostgresFunctionsInLakeTest, ViewsMayStandOnThem) {
  for (const char* sql :
       {"create table gold.t as select 'aNA' as name, 12.5 as price, date '2024-02-29' as day",
        "create view gold.v as select initcap(name) as name, to_char(price, 'FM99.00') as price, to_char(day, 'Mon') "
        "as "
        "day, name ~* 'na$' as found, make_interval(days => 3)::varchar as days from gold.t",
        "use gold"}) {
    const Status status = session_->Execute(sql);
    ASSERT_TRUE(status) << sql << ": " << status.error().ToString();
  }
  const auto result = session_->Query("select * from v");
  ASSERT_TRUE(result) << result.error().ToString();
  EXPECT_EQ(result->Text(0, 0), "Ana");
  EXPECT_EQ(result->Text(0, 1), "12.50");
  EXPECT_EQ(result->Text(0, 2), "Feb");
  EXPECT_EQ(result->Text(0, 3), "true");
  EXPECT_EQ(result->Text(0, 4), "3 days");
  const auto own = session_->Query("select count(*) from duckdb_functions() where database_name <> 'system'");
  ASSERT_TRUE(own) << own.error().ToString();
  EXPECT_EQ(own->Int(), 0);
}

TEST_F(PostgresFunctionsInLakeTest, ClocksAreNotRepeatable) {
  for (const char* sql : {"select clock_timestamp()", "select statement_timestamp()",
                          "select to_char(clock_timestamp(), 'YYYY')", "select to_char(now(), 'YYYY')"}) {
    EXPECT_FALSE(IsRepeatable(sql)) << sql;
  }
  EXPECT_TRUE(IsRepeatable(
      "select to_char(timestamp '2024-01-01', 'YYYY'), to_date('1', 'DD'), initcap('a'), make_interval(days => 3)"));
}

}  // namespace
}  // namespace smelt::engine
