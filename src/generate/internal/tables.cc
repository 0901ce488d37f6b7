#include "generate/internal/tables.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <span>
#include <string_view>

#include "generate/internal/csv_file.h"
#include "generate/internal/geolocation.h"
#include "generate/internal/random.h"
#include "generate/internal/review_text.h"

namespace smelt::generate {
namespace {

constexpr std::int64_t kRepeatedReviewIds = 814;
constexpr std::int64_t kCustomersOutsideGeolocation = 278;

/// Distinguishes the identifiers of different things. Never renumber.
enum class IdKind : std::uint64_t { kOrder = 1, kCustomerOfOrder, kCustomer, kProduct, kSeller, kReview };

Id MakeId(std::uint64_t seed, IdKind kind, std::uint64_t index) {
  Random random(seed, Stream::kIds, (static_cast<std::uint64_t>(kind) << 48) + index);
  const std::uint64_t high = random.Next();
  return {high, random.Next()};
}

std::string_view StatusText(OrderStatus status) {
  switch (status) {
    case OrderStatus::kDelivered: return "delivered";
    case OrderStatus::kShipped: return "shipped";
    case OrderStatus::kCanceled: return "canceled";
    case OrderStatus::kUnavailable: return "unavailable";
    case OrderStatus::kInvoiced: return "invoiced";
    case OrderStatus::kProcessing: return "processing";
    case OrderStatus::kCreated: return "created";
    case OrderStatus::kApproved: return "approved";
  }
  return "";
}

std::string_view PaymentText(PaymentType type) {
  switch (type) {
    case PaymentType::kCreditCard: return "credit_card";
    case PaymentType::kBoleto: return "boleto";
    case PaymentType::kVoucher: return "voucher";
    case PaymentType::kDebitCard: return "debit_card";
    case PaymentType::kNotDefined: return "not_defined";
  }
  return "";
}

/// Calls `row(order index)` for the orders of a batch in scattered order, until the file fails.
template <typename Row>
void ForOrders(const Batch& batch, std::uint64_t variant, const CsvFile& file, Row row) {
  const Scatter scatter(batch.count, variant);
  for (std::size_t i = 0; i < batch.count && file.ok(); ++i) row(batch.first + scatter(i));
}

Result<GeneratedFile> WriteOrders(const TableContext& context, const Batch& batch, const std::string& folder) {
  CsvFile file(context.out_dir, folder + "olist_orders_dataset.csv", context.rows, context.stop);
  file.Header({"order_id", "customer_id", "order_status", "order_purchase_timestamp", "order_approved_at",
               "order_delivered_carrier_date", "order_delivered_customer_date", "order_estimated_delivery_date"});
  ForOrders(batch, 1, file, [&](std::size_t index) {
    const Order& order = context.market.orders[index];
    file.Field(MakeId(context.seed, IdKind::kOrder, index))
        .Field(MakeId(context.seed, IdKind::kCustomerOfOrder, index));
    file.Text(StatusText(order.status)).Time(order.purchased).Time(order.approved);
    file.Time(order.handed_over).Time(order.delivered).Time(order.promised).EndRow();
  });
  return file.Finish();
}

Result<GeneratedFile> WriteItems(const TableContext& context, const Batch& batch, const std::string& folder) {
  CsvFile file(context.out_dir, folder + "olist_order_items_dataset.csv", context.rows, context.stop);
  file.Header(
      {"order_id", "order_item_id", "product_id", "seller_id", "shipping_limit_date", "price", "freight_value"});
  ForOrders(batch, 2, file, [&](std::size_t index) {
    const Order& order = context.market.orders[index];
    for (std::uint32_t i = 0; i < order.items; ++i) {
      const Item& item = context.market.items[order.first_item + i];
      file.Field(MakeId(context.seed, IdKind::kOrder, index)).Number(i + 1);
      file.Field(MakeId(context.seed, IdKind::kProduct, item.product));
      file.Field(MakeId(context.seed, IdKind::kSeller, item.seller));
      file.Time(item.shipping_limit).Money(item.price).Money(item.freight).EndRow();
    }
  });
  return file.Finish();
}

Result<GeneratedFile> WriteCustomers(const TableContext& context, const Batch& batch, const std::string& folder) {
  CsvFile file(context.out_dir, folder + "olist_customers_dataset.csv", context.rows, context.stop);
  file.Header({"customer_id", "customer_unique_id", "customer_zip_code_prefix", "customer_city", "customer_state"});
  ForOrders(batch, 3, file, [&](std::size_t index) {
    const Order& order = context.market.orders[index];
    const City& city = context.market.places.city(order.place);
    // A few give a postal code that the geolocation file does not have.
    Random random(context.seed, Stream::kMoves, order.customer);
    const bool unknown_zip = random.Below(kBaseOrders) < kCustomersOutsideGeolocation;
    const int zip = unknown_zip ? city.zip_last + 1 : context.market.places.all()[order.place].zip;
    file.Field(MakeId(context.seed, IdKind::kCustomerOfOrder, index));
    file.Field(MakeId(context.seed, IdKind::kCustomer, order.customer)).ZipPrefix(zip);
    file.Text(WithoutAccents(city.name)).Text(city.state).EndRow();
  });
  return file.Finish();
}

void WriteProduct(CsvFile& file, const Id& id, const Product& product) {
  file.Field(id);
  if (product.category == Product::kNoCategory) {
    file.Empty().Empty().Empty().Empty();
  } else {
    file.Text(Categories()[product.category].name);
    file.Number(product.name_length).Number(product.description_length).Number(product.photos);
  }
  if (product.weight_g == 0) {
    file.Empty().Empty().Empty().Empty();
  } else {
    file.Number(product.weight_g).Number(product.length_cm).Number(product.height_cm).Number(product.width_cm);
  }
  file.EndRow();
}

void WriteProductHeader(CsvFile& file) {
  file.Header({"product_id", "product_category_name", "product_name_lenght", "product_description_lenght",
               "product_photos_qty", "product_weight_g", "product_length_cm", "product_height_cm", "product_width_cm"});
}

Result<GeneratedFile> WriteProducts(const TableContext& context) {
  CsvFile file(context.out_dir, "olist_products_dataset.csv", context.rows, context.stop);
  WriteProductHeader(file);
  const std::vector<Product>& products = context.market.catalogue.products;
  const Scatter scatter(products.size(), 4);
  for (std::size_t i = 0; i < products.size() && file.ok(); ++i) {
    const std::size_t index = scatter(i);
    WriteProduct(file, MakeId(context.seed, IdKind::kProduct, index), products[index]);
  }
  return file.Finish();
}

/// Rows of products whose measures or photos were corrected that day.
Result<GeneratedFile> WriteChangedProducts(const TableContext& context, int day, const std::string& folder) {
  CsvFile file(context.out_dir, folder + "olist_products_dataset.csv", context.rows, context.stop);
  WriteProductHeader(file);
  const std::vector<Product>& products = context.market.catalogue.products;
  const Scatter scatter(products.size(), 10 + static_cast<std::uint64_t>(day));
  const auto count = static_cast<std::size_t>(std::max<std::int64_t>(1, Scaled(6, context.scale)));
  for (std::size_t i = 0; i < std::min(count, products.size()); ++i) {
    const std::size_t index = scatter(i);
    Random random(context.seed, Stream::kProductChanges, static_cast<std::uint64_t>(day) << 32 | index);
    Product product = products[index];
    product.weight_g = static_cast<std::uint32_t>(product.weight_g * random.Between(80, 120) / 100 + 10);
    product.photos = static_cast<std::uint8_t>(std::min(product.photos + 1, 20));
    WriteProduct(file, MakeId(context.seed, IdKind::kProduct, index), product);
  }
  return file.Finish();
}

/// Sellers typed their town themselves, so it comes in several spellings.
std::string SellerCityText(std::size_t index, const City& city) {
  std::string plain = WithoutAccents(city.name);
  if (index % 1500 == 700) return plain + ", " + std::string(city.state) + ", brasil";
  if (index % 97 == 50) return plain + " / " + plain;
  if (index % 40 == 7) return std::string(city.name);
  return plain;
}

void WriteSeller(const TableContext& context, CsvFile& file, std::size_t index, std::uint32_t place) {
  const City& city = context.market.places.city(place);
  file.Field(MakeId(context.seed, IdKind::kSeller, index)).ZipPrefix(context.market.places.all()[place].zip);
  file.Text(SellerCityText(index, city)).Text(city.state).EndRow();
}

void WriteSellerHeader(CsvFile& file) {
  file.Header({"seller_id", "seller_zip_code_prefix", "seller_city", "seller_state"});
}

Result<GeneratedFile> WriteSellers(const TableContext& context) {
  CsvFile file(context.out_dir, "olist_sellers_dataset.csv", context.rows, context.stop);
  WriteSellerHeader(file);
  const std::vector<Seller>& sellers = context.market.catalogue.sellers;
  const Scatter scatter(sellers.size(), 5);
  for (std::size_t i = 0; i < sellers.size() && file.ok(); ++i) {
    const std::size_t index = scatter(i);
    WriteSeller(context, file, index, sellers[index].place);
  }
  return file.Finish();
}

/// Rows of sellers who moved that day.
Result<GeneratedFile> WriteMovedSellers(const TableContext& context, int day, const std::string& folder) {
  CsvFile file(context.out_dir, folder + "olist_sellers_dataset.csv", context.rows, context.stop);
  WriteSellerHeader(file);
  const std::size_t sellers = context.market.catalogue.sellers.size();
  const Scatter scatter(sellers, 10 + static_cast<std::uint64_t>(day));
  const auto count = static_cast<std::size_t>(std::max<std::int64_t>(1, Scaled(1, context.scale)));
  for (std::size_t i = 0; i < std::min(count, sellers); ++i) {
    Random random(context.seed, Stream::kSellerChanges, static_cast<std::uint64_t>(day) << 32 | i);
    WriteSeller(context, file, scatter(i), context.market.places.DrawSeller(random));
  }
  return file.Finish();
}

struct Review {
  Id id;
  int score = 5;
  ReviewText text;
  std::int64_t created = 0, answered = 0;
};

Review DrawReview(const TableContext& context, std::size_t index, std::uint32_t ordinal) {
  const Order& order = context.market.orders[index];
  Random random(context.seed, Stream::kReviews, index * 4 + ordinal);
  Review review;
  review.id = MakeId(context.seed, IdKind::kReview, index * 4 + ordinal);
  const bool bad = order.delivered == 0 || order.late();
  const std::uint32_t draw = random.Below(1000);
  // Thresholds per mille of scores 5, 4, 3 and 2; the rest is 1.
  const std::array<std::uint32_t, 4> good_scores = {617, 823, 904, 931}, bad_scores = {205, 325, 435, 515};
  for (const std::uint32_t threshold : bad ? bad_scores : good_scores) review.score -= draw >= threshold ? 1 : 0;
  review.text = ReviewText::Draw(review.score, random);
  const std::int64_t basis = order.delivered != 0 ? order.delivered : order.promised;
  review.created = (basis / kDay + 1) * kDay;
  review.answered = review.created + random.LogNormal(36 * kHour, 80);
  return review;
}

Result<GeneratedFile> WriteReviews(const TableContext& context, const Batch& batch, const std::string& folder) {
  CsvFile file(context.out_dir, folder + "olist_order_reviews_dataset.csv", context.rows, context.stop);
  file.Header({"review_id", "order_id", "review_score", "review_comment_title", "review_comment_message",
               "review_creation_date", "review_answer_timestamp"});
  const auto orders = std::span(context.market.orders).subspan(batch.first, batch.count);
  std::int64_t reviews = 0, reviewed_orders = 0;
  for (const Order& order : orders) {
    reviews += order.reviews;
    reviewed_orders += order.reviews > 0 ? 1 : 0;
  }
  Random random(context.seed, Stream::kReviews, (std::uint64_t{1} << 48) + batch.first);
  Quota repeated(kRepeatedReviewIds * reviews / kBaseReviews, reviewed_orders - 1);
  Review review;
  bool first = true;
  ForOrders(batch, 6, file, [&](std::size_t index) {
    for (std::uint32_t i = 0; i < context.market.orders[index].reviews; ++i) {
      // Some reviews were filed under several orders, with the same identifier.
      const bool repeat = i == 0 && !first && repeated.Take(random);
      first = false;
      if (!repeat) review = DrawReview(context, index, i);
      file.Field(review.id).Field(MakeId(context.seed, IdKind::kOrder, index)).Number(review.score);
      file.Text(review.text.title).Text(review.text.message).Time(review.created).Time(review.answered).EndRow();
    }
  });
  return file.Finish();
}

struct Payment {
  PaymentType type;
  std::int64_t installments, cents;
};

std::int64_t OrderTotal(const TableContext& context, const Order& order, Random& random) {
  if (order.items == 0) return random.LogNormal(11'000, 80);
  const auto items = std::span(context.market.items).subspan(order.first_item, order.items);
  return std::accumulate(items.begin(), items.end(), std::int64_t{0},
                         [](std::int64_t sum, const Item& item) { return sum + item.price + item.freight; });
}

std::vector<Payment> DrawPayments(const TableContext& context, std::size_t index) {
  const Order& order = context.market.orders[index];
  Random random(context.seed, Stream::kPayments, index);
  std::int64_t rest = OrderTotal(context, order, random);
  if (order.payments == 1 && order.items == 0 && order.status == OrderStatus::kCanceled && random.Chance(20)) {
    return {{PaymentType::kNotDefined, 1, 0}};
  }
  std::int64_t installments = 1;
  if (order.payment_type == PaymentType::kCreditCard && random.Chance(660)) installments = 2 + random.Skewed(9, 2);
  if (installments >= 8 && random.Chance(60)) rest = rest * 103 / 100;  // the card's interest
  std::vector<Payment> payments = {{order.payment_type, installments, 0}};
  for (int i = 1; i < order.payments; ++i) {
    const std::int64_t voucher = std::min(random.LogNormal(3'500, 60), rest / 2);
    payments.push_back({PaymentType::kVoucher, 1, voucher});
    rest -= voucher;
  }
  payments.front().cents = rest;
  return payments;
}

Result<GeneratedFile> WritePayments(const TableContext& context, const Batch& batch, const std::string& folder) {
  CsvFile file(context.out_dir, folder + "olist_order_payments_dataset.csv", context.rows, context.stop);
  file.Header({"order_id", "payment_sequential", "payment_type", "payment_installments", "payment_value"});
  ForOrders(batch, 7, file, [&](std::size_t index) {
    if (context.market.orders[index].payments == 0) return;
    std::int64_t sequential = 0;
    for (const Payment& payment : DrawPayments(context, index)) {
      file.Field(MakeId(context.seed, IdKind::kOrder, index)).Number(++sequential).Text(PaymentText(payment.type));
      file.Number(payment.installments).Money(payment.cents).EndRow();
    }
  });
  return file.Finish();
}

/// Laid out like the public file: a byte order mark, CRLF, no quotes, no line break at the end.
Result<GeneratedFile> WriteTranslation(const TableContext& context) {
  CsvFile file(context.out_dir, "product_category_name_translation.csv", context.rows, context.stop);
  file.Raw("\xEF\xBB\xBFproduct_category_name,product_category_name_english");
  for (const Category& category : Categories().first(kTranslatedCategories)) {
    file.Raw("\r\n");
    file.Raw(category.name);
    file.Raw(",");
    file.Raw(category.english);
    file.CountRow();
  }
  return file.Finish();
}

}  // namespace

std::vector<TableWriter> BaseWriters(const TableContext& context) {
  const Batch& batch = context.market.batches.front();
  return {
      [&context, &batch] { return WriteOrders(context, batch, ""); },
      [&context, &batch] { return WriteItems(context, batch, ""); },
      [&context, &batch] { return WriteCustomers(context, batch, ""); },
      [&context] { return WriteProducts(context); },
      [&context] { return WriteSellers(context); },
      [&context, &batch] { return WriteReviews(context, batch, ""); },
      [&context, &batch] { return WritePayments(context, batch, ""); },
      [&context] {
        CsvFile file(context.out_dir, "olist_geolocation_dataset.csv", context.rows, context.stop);
        return WriteGeolocation(context.market.places, context.seed, context.scale, file);
      },
      [&context] { return WriteTranslation(context); },
  };
}

std::vector<TableWriter> DayWriters(const TableContext& context, int day, const std::string& folder) {
  const Batch& batch = context.market.batches[static_cast<std::size_t>(day)];
  return {
      [&context, &batch, folder] { return WriteOrders(context, batch, folder); },
      [&context, &batch, folder] { return WriteItems(context, batch, folder); },
      [&context, &batch, folder] { return WriteCustomers(context, batch, folder); },
      [&context, day, folder] { return WriteChangedProducts(context, day, folder); },
      [&context, day, folder] { return WriteMovedSellers(context, day, folder); },
      [&context, &batch, folder] { return WriteReviews(context, batch, folder); },
      [&context, &batch, folder] { return WritePayments(context, batch, folder); },
  };
}

}  // namespace smelt::generate
