#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "quality/internal/expectation.h"
#include "quality/internal/figures.h"
#include "quality/result.h"

/// SQL and judgement of expectations that hold or not for each row, with the meaning of nulls and of `mostly` that
/// Great Expectations gives them.
namespace smelt::quality {

/// What the first query of a suite says of a RowCheck.
struct RowCounts {
  std::int64_t elements = 0;
  std::int64_t judged = 0;
  std::int64_t unexpected = 0;

  std::int64_t missing() const { return elements - judged; }
};

class RowQuery {
 public:
  RowQuery(RowCheck check, const Call& call) : check_(std::move(check)), call_(call) {}

  /// Whether the check waits for its facts.
  bool NeedsFacts() const { return check_.with_facts && check_.expected.empty(); }
  void TakeFacts(const std::vector<Json>& facts) { check_.with_facts(check_, facts); }
  /// Puts the check's test of values to each different value; those that fail become a temporary table, named after
  /// `number`. Errors: those of the engine.
  Status TestValues(engine::Session& session, std::size_t number);

  /// The figures that Counts reads.
  FigureRequest CountFigures() const;
  /// The counts; but for the unexpected rows where the check has a proof.
  RowCounts Counts(const std::vector<Json>& figures) const;

  bool NeedsProof() const { return !check_.proof.empty(); }
  /// A figure that equals `values` only if no two rows have the same key.
  struct KeyProof {
    std::string figure;
    std::int64_t values = 0;
  };
  /// The proof by a key, given the answers to CountFigures; nothing when none is countable with bits.
  std::optional<KeyProof> ProofByKey(const std::vector<Json>& figures) const;
  /// Whether rows cannot all have different keys: then there is nothing to prove.
  bool KeysCollide(const std::vector<Json>& figures) const;
  /// Whether keys that collide leave no other proof to try.
  bool KeyDecides() const { return check_.columns.size() == 1; }
  std::string ProofFigure() const;

  /// Whether no two rows of a whole have the same key if none of before had and AddedKeysFigure says so of these.
  bool GrowsByKeys() const;
  /// A figure that equals `judged`, the number of these rows that are judged, only if their keys differ from each other
  /// and from those of all others in `whole`, which has these rows, too.
  std::string AddedKeysFigure(const Call& whole, std::int64_t judged) const;

  /// The number of unexpected rows, for when the proof failed.
  std::string UnexpectedCountFigure() const;
  /// The first unexpected rows, as many and as much of them as the result tells: a list of UnexpectedRowSql.
  std::string SampleFigure(const ResultOptions& options) const;

  const RowCheck& check() const { return check_; }

  /// A query of the unexpected rows, for people.
  std::string UnexpectedRowsSql() const;

 private:
  std::string Judged() const;
  /// "from … where …" over the judged rows whose `expected` passes a test ("is not true").
  std::string RowsThat(std::string_view test, bool numbered) const;
  std::string UnexpectedRows(bool numbered) const;

  RowCheck check_;
  const Call& call_;
};

/// Success as Great Expectations defines it: the share of judged rows that are not unexpected reaches `mostly`; a table
/// without judged rows passes.
bool MostlyHolds(const RowCounts& counts, double mostly);

/// The counts as a result tells them, `tells_missing`: with the figures about missing values.
Json RowResult(const RowCounts& counts, bool tells_missing);

}  // namespace smelt::quality
