#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "quality/internal/expectation.h"

/// The different values of a column, which several expectations of a suite may need: grouped once for all of them.
namespace smelt::quality {

/// A relation of the different values of a column and how often each occurs, in the rows of a call: smelt_value and
/// smelt_count, without missing values. For the text of figures, where FigureQuery spells it out.
std::string ValueCounts(const Call& call, const Column& column);

/// A relation of those different values, smelt_value, in the rows that `where` leaves. It may have more values where
/// another figure needs them all anyway, so that the query tests them again.
std::string ValuesWhere(const Call& call, const Column& column, const std::string& where);

/// Spells out such relations in the expressions of one query. Confined to a thread.
class SharedCounts {
 public:
  /// Takes note of the relations of an expression; before SpellOut, for all of the query.
  void Find(std::string_view expression);
  std::string SpellOut(std::string_view expression) const;
  /// "with …" and a line break, of the relations that occur more than once; empty when none does.
  std::string With() const;

 private:
  struct Uses {
    std::size_t full = 0;     ///< of all values
    std::size_t partial = 0;  ///< of those that a condition leaves
    bool shared() const { return full > 0 && full + partial > 1; }
  };

  std::string NameOf(const std::string& counts) const;

  std::map<std::string, Uses> uses_;  ///< by the SQL of all values
};

}  // namespace smelt::quality
