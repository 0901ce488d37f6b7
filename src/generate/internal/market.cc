#include "generate/internal/market.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <span>
#include <utility>

#include "generate/internal/calendar.h"
#include "generate/internal/random.h"

namespace smelt::generate {
namespace {

constexpr std::int64_t kBaseItems = 112'650, kBaseCustomers = 96'096, kBasePayments = 103'886;
constexpr std::int64_t kReviewedOrders = 98'673, kUnpaidOrders = 1;

/// Counts at scale 1 of one status, and of those with a field that the status would not suggest.
struct StatusFacts {
  OrderStatus status;
  std::int64_t orders;
  std::int64_t without_approval;
  std::int64_t with_handover;  ///< of those not delivered
  std::int64_t with_delivery;  ///< of those not delivered
  std::int64_t without_items;
};

/// Delivered orders are what the other statuses leave. The columns add up to the documented 160 empty approvals,
/// 1,783 empty carrier dates, 2,965 empty delivery dates and 775 orders without items.
constexpr std::array kStatuses = {
    StatusFacts{OrderStatus::kShipped, 1'107, 0, 1'107, 0, 1},
    StatusFacts{OrderStatus::kCanceled, 625, 141, 75, 6, 164},
    StatusFacts{OrderStatus::kUnavailable, 609, 0, 0, 0, 603},
    StatusFacts{OrderStatus::kInvoiced, 314, 0, 0, 0, 2},
    StatusFacts{OrderStatus::kProcessing, 301, 0, 0, 0, 0},
    StatusFacts{OrderStatus::kCreated, 5, 5, 0, 0, 5},
    StatusFacts{OrderStatus::kApproved, 2, 0, 0, 0, 0},
};
constexpr std::int64_t kWithoutHandover = 1'783, kWithoutDelivery = 2'965, kWithoutApproval = 160, kWithoutItems = 775;

/// Orders per hour of the day, relative.
constexpr std::array kHourWeights = {24, 12, 5,  3,  2,  2,  5,  12, 30, 48, 62, 66,
                                     60, 65, 66, 64, 67, 61, 58, 60, 62, 62, 58, 41};

/// What decides how an order goes, before any of its times and amounts.
struct Traits {
  OrderStatus status = OrderStatus::kDelivered;
  bool approved = true, handed_over = true, delivered = true, has_items = true;
};

/// Deals out the traits of `count` orders so that every documented share comes out exactly (scaled to the count).
class TraitDealer {
 public:
  TraitDealer(std::int64_t count, std::uint64_t seed, std::uint64_t batch)
      : random_(seed, Stream::kOrderTraits, batch) {
    const double scale = static_cast<double>(count) / static_cast<double>(kBaseOrders);
    Totals rest{Scaled(kWithoutApproval, scale), Scaled(kWithoutHandover, scale), Scaled(kWithoutDelivery, scale),
                Scaled(kWithoutItems, scale)};
    std::int64_t delivered = count;
    for (const StatusFacts& facts : kStatuses) {
      const std::int64_t orders = std::min(Scaled(facts.orders, scale), delivered);
      const auto share = [&](std::int64_t wanted) { return std::min(Scaled(wanted, scale), orders); };
      const Totals lacks{std::min(share(facts.without_approval), rest.approval), orders - share(facts.with_handover),
                         orders - share(facts.with_delivery), std::min(share(facts.without_items), rest.items)};
      kinds_.emplace_back(facts.status, orders, lacks);
      delivered -= orders;
      rest.approval -= lacks.approval;
      rest.handover -= lacks.handover;
      rest.delivery -= lacks.delivery;
      rest.items -= lacks.items;
    }
    // What rounding left over goes to the delivered orders.
    rest.handover = std::max<std::int64_t>(rest.handover, 0);
    rest.delivery = std::max<std::int64_t>(rest.delivery, 0);
    kinds_.emplace_back(OrderStatus::kDelivered, delivered, rest);
    left_ = count;
  }

  Traits Deal() {
    auto draw = static_cast<std::int64_t>(random_.Below(static_cast<std::uint32_t>(left_--)));
    std::size_t chosen = kinds_.size() - 1;  // the most frequent first
    while (draw >= kinds_[chosen].left) draw -= kinds_[chosen--].left;
    Kind& kind = kinds_[chosen];
    --kind.left;
    Traits traits;
    traits.status = kind.status;
    traits.approved = !kind.no_approval.Take(random_);
    traits.handed_over = !kind.no_handover.Take(random_);
    traits.delivered = !kind.no_delivery.Take(random_);
    traits.has_items = !kind.no_items.Take(random_);
    return traits;
  }

 private:
  struct Totals {
    std::int64_t approval, handover, delivery, items;
  };
  struct Kind {
    Kind(OrderStatus status_of, std::int64_t orders, const Totals& lacks)
        : status(status_of),
          left(orders),
          no_approval(lacks.approval, orders),
          no_handover(lacks.handover, orders),
          no_delivery(lacks.delivery, orders),
          no_items(lacks.items, orders) {}
    OrderStatus status;
    std::int64_t left;
    Quota no_approval, no_handover, no_delivery, no_items;
  };

  std::vector<Kind> kinds_;
  Random random_;
  std::int64_t left_ = 0;
};

std::int64_t DrawTimeOfDay(Random& random) {
  static constexpr int kTotal = std::accumulate(kHourWeights.begin(), kHourWeights.end(), 0);
  auto draw = static_cast<int>(random.Below(kTotal));
  std::size_t hour = 0;
  while (draw >= kHourWeights[hour]) draw -= kHourWeights[hour++];
  return static_cast<std::int64_t>(hour) * kHour + random.Below(static_cast<std::uint32_t>(kHour));
}

PaymentType DrawPaymentType(Random& random) {
  const std::uint32_t draw = random.Below(1000);
  if (draw < 199) return PaymentType::kBoleto;
  if (draw < 214) return PaymentType::kDebitCard;
  if (draw < 230) return PaymentType::kVoucher;
  return PaymentType::kCreditCard;
}

/// Adds `extra` to counts that are not zero, a few at a time, none beyond `limit`.
void Spread(std::int64_t extra, std::uint8_t limit, std::vector<std::uint8_t>& counts, Random& random) {
  const auto size = static_cast<std::uint32_t>(counts.size());
  const auto room =
      std::accumulate(counts.begin(), counts.end(), std::int64_t{0},
                      [&](std::int64_t sum, std::uint8_t count) { return sum + (count > 0 ? limit - count : 0); });
  extra = std::min(extra, room);
  while (extra > 0) {
    std::uint8_t& count = counts[random.Below(size)];
    if (count == 0) continue;
    const auto more = std::min<std::int64_t>({1 + random.Skewed(5, 4), extra, limit - count});
    count = static_cast<std::uint8_t>(count + more);
    extra -= more;
  }
}

/// How many orders a batch has and how many rows they have in the other tables.
struct Volume {
  std::vector<int> days;  ///< the purchase day of each order, ascending
  std::int64_t new_customers = 0;
  std::int64_t items = 0;  ///< at least; every order that has items has one
  std::int64_t payments = 0;
  std::int64_t reviewed_orders = 0, reviews = 0, unpaid_orders = 0;

  static Volume Of(std::vector<int> days, double scale) {
    Volume volume;
    const auto count = static_cast<std::int64_t>(days.size());
    volume.days = std::move(days);
    volume.new_customers = std::min(Scaled(kBaseCustomers, scale), count);
    volume.items = Scaled(kBaseItems, scale);
    volume.unpaid_orders = Scaled(kUnpaidOrders, scale);
    volume.payments = Scaled(kBasePayments, scale);
    volume.reviewed_orders = std::min(Scaled(kReviewedOrders, scale), count);
    volume.reviews = Scaled(kBaseReviews, scale);
    return volume;
  }
};

/// Generates batch after batch; later ones build on what earlier ones left in the market.
class Builder {
 public:
  Builder(Market& market, std::uint64_t seed, double scale) : market_(market), seed_(seed), scale_(scale) {}

  Status AddBase(const std::stop_token& stop) {
    std::vector<int> days;
    int day = FirstBaseDay();
    for (const std::int64_t orders : OrdersPerBaseDay(Scaled(kBaseOrders, scale_))) {
      days.insert(days.end(), static_cast<std::size_t>(orders), day++);
    }
    return Add(Volume::Of(std::move(days), scale_), FirstBaseDay(), LastBaseDay(), stop);
  }

  Status AddDay(int day, const std::stop_token& stop) {
    const auto count = std::max<std::int64_t>(1, Scaled(OrdersOfExtraDay(day), scale_));
    const double scale = static_cast<double>(count) / static_cast<double>(kBaseOrders);
    return Add(Volume::Of(std::vector<int>(static_cast<std::size_t>(count), day), scale), day, day, stop);
  }

 private:
  Status Add(const Volume& volume, int first_day, int last_day, const std::stop_token& stop) {
    const Batch batch{market_.orders.size(), volume.days.size(), first_day, last_day};
    const std::uint64_t number = market_.batches.size();
    market_.batches.push_back(batch);
    market_.orders.resize(batch.first + batch.count);
    const std::span<Order> orders(market_.orders.data() + batch.first, batch.count);

    TraitDealer dealer(static_cast<std::int64_t>(batch.count), seed_, number);
    std::vector<Traits> traits(batch.count);
    for (Traits& of_order : traits) of_order = dealer.Deal();

    ChooseCustomers(batch, volume, number);
    CountRows(orders, traits, volume, number);
    for (std::size_t i = 0; i < batch.count; ++i) {
      if (i % 65536 == 0 && stop.stop_requested()) return Fail(ErrorCode::kCancelled, "generating was stopped");
      Random random(seed_, Stream::kItems, batch.first + i);
      FillBasket(orders[i], random);
      Schedule(orders[i], traits[i], Random(seed_, Stream::kOrderTimes, batch.first + i));
    }
    return {};
  }

  /// Who buys when and where: a new customer, or one who bought before, mostly not long ago.
  void ChooseCustomers(const Batch& batch, const Volume& volume, std::uint64_t number) {
    Random random(seed_, Stream::kHomes, number);
    const auto count = static_cast<std::int64_t>(batch.count);
    // The first order of all has no earlier customer to come back.
    Quota returning(count - volume.new_customers, batch.first == 0 ? count - 1 : count);
    for (std::size_t i = 0; i < batch.count; ++i) {
      const std::size_t index = batch.first + i;
      Order& order = market_.orders[index];
      order.purchased = volume.days[i] * kDay + DrawTimeOfDay(random);
      order.payment_type = DrawPaymentType(random);
      if (index > 0 && returning.Take(random)) {
        const Order& earlier = market_.orders[index - 1 - random.Skewed(static_cast<std::uint32_t>(index), 3)];
        order.customer = earlier.customer;
        order.place = random.Chance(60) ? market_.places.Draw(random) : earlier.place;
      } else {
        order.customer = market_.customers++;
        order.place = market_.places.Draw(random);
      }
    }
  }

  void CountRows(std::span<Order> orders, const std::vector<Traits>& traits, const Volume& volume,
                 std::uint64_t number) {
    Random random(seed_, Stream::kOrderTraits, (std::uint64_t{1} << 32) + number);
    const auto count = static_cast<std::int64_t>(orders.size());
    std::vector<std::uint8_t> items, payments, reviews;
    Quota unpaid(volume.unpaid_orders, count), unreviewed(count - volume.reviewed_orders, count);
    std::int64_t with_items = 0;
    for (const Traits& of_order : traits) {
      items.push_back(of_order.has_items ? 1 : 0);
      with_items += items.back();
      payments.push_back(unpaid.Take(random) ? 0 : 1);
      reviews.push_back(unreviewed.Take(random) ? 0 : 1);
    }
    Spread(volume.items - with_items, 21, items, random);
    Spread(volume.payments - (count - volume.unpaid_orders), 26, payments, random);
    Spread(volume.reviews - volume.reviewed_orders, 3, reviews, random);
    for (std::size_t i = 0; i < orders.size(); ++i) {
      orders[i].items = items[i];
      orders[i].payments = payments[i];
      orders[i].reviews = reviews[i];
    }
  }

  std::uint32_t ChooseProduct(Random& random) {
    // Every third item is the first sale of a product, until all are on the market.
    if (market_.items.size() % 3 == 0 && introduced_ < market_.catalogue.products.size()) return introduced_++;
    return random.Skewed(introduced_, 2);
  }

  void FillBasket(Order& order, Random& random) {
    order.first_item = static_cast<std::uint32_t>(market_.items.size());
    for (int i = 0; i < order.items; ++i) {
      Item item;
      const bool again = i > 0 && random.Chance(600);
      const std::uint32_t known = introduced_;
      item.product = again ? market_.items.back().product : ChooseProduct(random);
      const Product& product = market_.catalogue.products[item.product];
      const auto sellers = static_cast<std::uint32_t>(market_.catalogue.sellers.size());
      const bool first_sale = introduced_ > known;
      item.seller = !first_sale && random.Chance(50) ? (product.seller + 1) % sellers : product.seller;
      item.price = random.Chance(200) ? static_cast<std::uint32_t>(product.price * random.Between(88, 110) / 100)
                                      : product.price;
      const int km = DistanceKm(SellerCity(item.seller), market_.places.city(order.place));
      const std::int64_t freight = random.LogNormal(1'050 + km * 3 / 4 + product.weight_g / 6, 28);
      item.freight = random.Chance(3) ? 0 : static_cast<std::uint32_t>(std::min<std::int64_t>(freight, 40'968));
      market_.items.push_back(item);
    }
  }

  const City& SellerCity(std::uint32_t seller) const {
    return market_.places.city(market_.catalogue.sellers[seller].place);
  }

  void Schedule(Order& order, const Traits& traits, Random random) {
    const City& to = market_.places.city(order.place);
    const int km = order.items > 0 ? DistanceKm(SellerCity(market_.items[order.first_item].seller), to) : 0;
    const std::int64_t transit = 3 * kDay + 400 * std::int64_t{km};
    const bool boleto = order.payment_type == PaymentType::kBoleto;
    const std::int64_t approved =
        order.purchased + random.LogNormal(boleto ? 30 * kHour : kHour / 3, boleto ? 45 : 110);
    const std::int64_t handed_over = approved + random.LogNormal(44 * kHour, 65);
    const auto season = TransitPerCent(static_cast<int>(order.purchased / kDay));
    const std::int64_t delivered = handed_over + random.LogNormal(transit, 58) * season / 100;
    const std::int64_t promised = order.purchased + 6 * kDay + transit * 3 / 2 + random.Between(0, 6) * kDay;

    order.status = traits.status;
    order.approved = traits.approved ? approved : 0;
    order.handed_over = traits.handed_over ? handed_over : 0;
    order.delivered = traits.delivered ? delivered : 0;
    order.promised = promised / kDay * kDay;
    for (int i = 0; i < order.items; ++i) {
      market_.items[order.first_item + static_cast<std::uint32_t>(i)].shipping_limit =
          approved + random.Between(3, 7) * kDay;
    }
  }

  Market& market_;
  std::uint64_t seed_;
  double scale_;
  std::uint32_t introduced_ = 0;
};

}  // namespace

Result<Market> Market::Generate(std::uint64_t seed, double scale, int extra_days, std::stop_token stop) {
  Market market;
  market.catalogue = Catalogue::Generate(seed, scale, market.places);
  Builder builder(market, seed, scale);
  SMELT_TRY(builder.AddBase(stop));
  for (int day = 1; day <= extra_days; ++day) SMELT_TRY(builder.AddDay(LastBaseDay() + day, stop));
  return market;
}

}  // namespace smelt::generate
