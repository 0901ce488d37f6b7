#pragma once

#include <cstdint>
#include <stop_token>
#include <vector>

#include "base/error.h"
#include "generate/internal/catalogue.h"
#include "generate/internal/places.h"

namespace smelt::generate {

constexpr std::int64_t kHour = 3600, kDay = 86400;  ///< in seconds
constexpr std::int64_t kBaseReviews = 99'224;       ///< rows of the reviews at scale 1

enum class OrderStatus : std::uint8_t {
  kDelivered,
  kShipped,
  kCanceled,
  kUnavailable,
  kInvoiced,
  kProcessing,
  kCreated,
  kApproved,
};

enum class PaymentType : std::uint8_t { kCreditCard, kBoleto, kVoucher, kDebitCard, kNotDefined };

/// Times are seconds since the epoch without zone; 0 means that the field is empty.
struct Order {
  std::int64_t purchased = 0, approved = 0, handed_over = 0, delivered = 0, promised = 0;
  std::uint32_t customer = 0;  ///< who: several orders may have the same
  std::uint32_t place = 0;     ///< where the customer lived then
  std::uint32_t first_item = 0;
  std::uint8_t items = 0, payments = 0, reviews = 0;  ///< rows in the other tables
  OrderStatus status = OrderStatus::kDelivered;
  PaymentType payment_type = PaymentType::kCreditCard;  ///< of the first payment

  bool late() const { return delivered > promised; }
};

struct Item {
  std::int64_t shipping_limit = 0;
  std::uint32_t product = 0, seller = 0;
  std::uint32_t price = 0, freight = 0;  ///< cents
};

/// Orders [first, first + count) of the market: the base period or one extra day.
struct Batch {
  std::size_t first = 0, count = 0;
  int first_day = 0, last_day = 0;
};

/// Everything that happened: orders in the order of their days, with their items. Immutable once generated.
struct Market {
  Places places;
  Catalogue catalogue;
  std::vector<Order> orders;
  std::vector<Item> items;
  std::uint32_t customers = 0;
  std::vector<Batch> batches;  ///< the base period, then the extra days

  /// Generates the base period and `extra_days` days after it. What a day holds does not depend on later days.
  /// Errors: kCancelled.
  static Result<Market> Generate(std::uint64_t seed, double scale, int extra_days, std::stop_token stop);
};

inline constexpr std::int64_t kBaseOrders = 99'441;

/// Days since the epoch of the base period.
int FirstBaseDay();
int LastBaseDay();

}  // namespace smelt::generate
