#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "generate/internal/places.h"

namespace smelt::generate {

/// A product category. The names are this generator's own; what they share with the public data set is the form.
struct Category {
  std::string_view name;     ///< Portuguese
  std::string_view english;  ///< empty for the two that have no translation
  int weight;                ///< relative number of products
  int price_median;          ///< cents
  int weight_median;         ///< grams
};

/// 73 categories; those without a translation come last.
std::span<const Category> Categories();
inline constexpr std::size_t kTranslatedCategories = 71;

struct Product {
  static constexpr std::uint8_t kNoCategory = 255;
  std::uint32_t seller = 0;
  std::uint32_t price = 0;     ///< cents
  std::uint32_t weight_g = 0;  ///< 0: measures unknown
  std::uint16_t description_length = 0;
  std::uint8_t name_length = 0, photos = 0;
  std::uint8_t length_cm = 0, height_cm = 0, width_cm = 0;
  std::uint8_t category = kNoCategory;
};

struct Seller {
  std::uint32_t place = 0;
};

/// What is offered and by whom. Products and sellers are numbered in the order in which they enter the market.
struct Catalogue {
  std::vector<Product> products;
  std::vector<Seller> sellers;

  static Catalogue Generate(std::uint64_t seed, double scale, const Places& places);
};

}  // namespace smelt::generate
