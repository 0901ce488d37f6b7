#include "generate/internal/catalogue.h"

#include <algorithm>
#include <array>

namespace smelt::generate {
namespace {

constexpr std::array kCategories = {
    Category{"cama_e_banho", "bed_and_bath", 303, 7500, 1400},
    Category{"esportes", "sports", 287, 7900, 600},
    Category{"moveis_de_sala", "living_room_furniture", 266, 11900, 6500},
    Category{"beleza", "beauty", 244, 6900, 350},
    Category{"utensilios_domesticos", "household_items", 233, 5900, 1200},
    Category{"acessorios_automotivos", "car_accessories", 190, 8900, 900},
    Category{"acessorios_de_informatica", "computer_accessories", 164, 7900, 400},
    Category{"brinquedos_e_jogos", "toys_and_games", 141, 6900, 800},
    Category{"relogios", "watches", 133, 12900, 350},
    Category{"celulares", "mobile_phones", 113, 4500, 250},
    Category{"bebes_e_criancas", "babies_and_children", 92, 8500, 1500},
    Category{"perfumes", "perfumes", 87, 8900, 400},
    Category{"papelaria_e_escritorio", "stationery_and_office", 85, 5900, 500},
    Category{"bolsas_e_mochilas", "bags_and_backpacks", 84, 5500, 500},
    Category{"jardinagem", "gardening", 75, 7900, 1900},
    Category{"animais_de_estimacao", "pets", 72, 6900, 1100},
    Category{"eletronicos", "electronics", 52, 3900, 300},
    Category{"casa_e_decoracao", "home_and_decoration", 50, 6900, 1500},
    Category{"moveis_de_escritorio", "office_furniture", 45, 14900, 11000},
    Category{"material_de_construcao", "building_materials", 40, 7900, 1800},
    Category{"videogames", "video_games", 32, 8900, 500},
    Category{"malas_de_viagem", "travel_luggage", 35, 8900, 2300},
    Category{"ferramentas_manuais", "hand_tools", 30, 5900, 900},
    Category{"ferramentas_eletricas", "power_tools", 29, 16900, 2600},
    Category{"instrumentos", "instruments", 29, 13900, 2200},
    Category{"pequenos_eletrodomesticos", "small_appliances", 37, 16900, 2900},
    Category{"calcados_femininos", "womens_shoes", 17, 7900, 700},
    Category{"calcados_masculinos", "mens_shoes", 16, 8900, 900},
    Category{"joias", "jewellery", 28, 8900, 200},
    Category{"oculos", "eyewear", 15, 9900, 250},
    Category{"musica", "music", 9, 4900, 250},
    Category{"livros_tecnicos", "technical_books", 12, 6900, 700},
    Category{"livros_infantis", "childrens_books", 10, 3900, 450},
    Category{"literatura", "literature", 21, 4500, 450},
    Category{"filmes", "films", 8, 4900, 250},
    Category{"computadores", "computers", 3, 109900, 5500},
    Category{"impressoras", "printers", 4, 49900, 6500},
    Category{"redes_e_roteadores", "networking", 7, 9900, 450},
    Category{"telefones_fixos", "landline_phones", 12, 9900, 600},
    Category{"televisores", "televisions", 3, 99900, 9500},
    Category{"som_e_video", "sound_and_video", 6, 9900, 1100},
    Category{"fotografia", "photography", 4, 12900, 500},
    Category{"seguranca_residencial", "home_security", 9, 9900, 900},
    Category{"iluminacao", "lighting", 11, 5900, 700},
    Category{"material_hidraulico", "plumbing", 7, 6900, 1300},
    Category{"tintas", "paints", 4, 5900, 3600},
    Category{"ar_condicionado", "air_conditioning", 12, 12900, 5200},
    Category{"ventiladores", "fans", 8, 11900, 3900},
    Category{"geladeiras", "refrigerators", 3, 89900, 26000},
    Category{"fogoes", "stoves", 3, 54900, 21000},
    Category{"lavadoras", "washing_machines", 3, 64900, 23000},
    Category{"moveis_de_quarto", "bedroom_furniture", 13, 17900, 9500},
    Category{"moveis_de_cozinha", "kitchen_furniture", 10, 15900, 8500},
    Category{"colchoes", "mattresses", 5, 24900, 9000},
    Category{"cozinha_e_mesa", "kitchen_and_table", 33, 5900, 1100},
    Category{"alimentos", "food", 9, 4500, 900},
    Category{"bebidas", "drinks", 9, 5500, 1500},
    Category{"vinhos", "wines", 7, 6900, 1600},
    Category{"suplementos", "supplements", 11, 8900, 800},
    Category{"farmacia", "pharmacy", 10, 5900, 300},
    Category{"higiene_pessoal", "personal_hygiene", 8, 3900, 350},
    Category{"moda_feminina", "womens_fashion", 12, 6500, 400},
    Category{"moda_masculina", "mens_fashion", 11, 7500, 450},
    Category{"moda_infantil", "childrens_fashion", 6, 5500, 300},
    Category{"moda_praia", "beachwear", 5, 5900, 250},
    Category{"artesanato", "handicrafts", 7, 4900, 450},
    Category{"arte", "art", 6, 8900, 900},
    Category{"festas", "party_supplies", 5, 3900, 500},
    Category{"natal", "christmas", 6, 4900, 900},
    Category{"flores_e_plantas", "flowers_and_plants", 4, 3900, 1400},
    Category{"industria_e_comercio", "industry_and_trade", 7, 10900, 2400},
    Category{"colecionaveis", "", 3, 9900, 500},
    Category{"drones_e_robotica", "", 3, 34900, 1100},
};
static_assert(kCategories.size() == kTranslatedCategories + 2);

constexpr std::int64_t kProducts = 32'951, kSellers = 3'095;
constexpr std::int64_t kProductsWithoutCategory = 610, kProductsWithoutMeasures = 2;

template <typename T>
T Clamped(std::int64_t value, std::int64_t low, std::int64_t high) {
  return static_cast<T>(std::clamp(value, low, high));
}

/// Prices end like a shop's: in 90, 99 or, more rarely, anything.
std::uint32_t ShopPrice(std::int64_t cents, Random& random) {
  const std::uint32_t ending = random.Below(10);
  if (ending < 5) cents = cents / 100 * 100 + 90;
  if (ending >= 5 && ending < 8) cents = cents / 100 * 100 + 99;
  return Clamped<std::uint32_t>(cents, 85, 673'500);
}

std::uint8_t DrawCategory(Random& random) {
  std::uint32_t total = 0;
  for (const Category& category : kCategories) total += static_cast<std::uint32_t>(category.weight);
  std::uint32_t draw = random.Below(total);
  std::uint8_t chosen = 0;
  while (draw >= static_cast<std::uint32_t>(kCategories[chosen].weight)) {
    draw -= static_cast<std::uint32_t>(kCategories[chosen++].weight);
  }
  return chosen;
}

Product DrawProduct(std::uint8_t category, Random& random) {
  const Category& kind = kCategories[category];
  Product product;
  product.category = category;
  product.price = ShopPrice(random.LogNormal(kind.price_median, 75), random);
  product.weight_g = Clamped<std::uint32_t>(random.LogNormal(kind.weight_median, 70) / 50 * 50, 50, 40'425);
  product.name_length = Clamped<std::uint8_t>(random.LogNormal(50, 22), 5, 76);
  product.description_length = Clamped<std::uint16_t>(random.LogNormal(595, 80), 4, 3'992);
  product.photos = Clamped<std::uint8_t>(1 + random.Skewed(9, 4), 1, 20);
  const std::int64_t size = 12 + std::min<std::int64_t>(product.weight_g, 30'000) / 500;
  product.length_cm = Clamped<std::uint8_t>(random.LogNormal(size + 10, 35), 7, 105);
  product.height_cm = Clamped<std::uint8_t>(random.LogNormal(size, 55), 2, 105);
  product.width_cm = Clamped<std::uint8_t>(random.LogNormal(size + 6, 35), 6, 118);
  return product;
}

}  // namespace

std::span<const Category> Categories() {
  return kCategories;
}

Catalogue Catalogue::Generate(std::uint64_t seed, double scale, const Places& places) {
  const std::int64_t product_count = Scaled(kProducts, scale);
  const std::int64_t seller_count = Scaled(kSellers, scale);
  Catalogue catalogue;
  for (std::int64_t i = 0; i < seller_count; ++i) {
    Random random(seed, Stream::kSellers, static_cast<std::uint64_t>(i));
    catalogue.sellers.push_back({places.DrawSeller(random)});
  }

  Random traits(seed, Stream::kProducts);
  Quota without_category(Scaled(kProductsWithoutCategory, scale), product_count);
  Quota without_measures(Scaled(kProductsWithoutMeasures, scale), product_count);
  std::uint8_t next_category = 0;  // each occurs once before any is drawn
  for (std::int64_t i = 0; i < product_count; ++i) {
    Random random(seed, Stream::kProducts, static_cast<std::uint64_t>(i) + 1);
    const bool categorised = !without_category.Take(traits);
    const bool introduces = categorised && next_category < kCategories.size();
    Product product = DrawProduct(introduces ? next_category++ : DrawCategory(random), random);
    if (!categorised) product.category = Product::kNoCategory;
    if (without_measures.Take(traits)) product.weight_g = 0;
    // Every eighth product brings a new seller while there are any; the others go to those present.
    const std::int64_t present = std::clamp<std::int64_t>(i / 8 + 1, 1, seller_count);
    product.seller = static_cast<std::uint32_t>(i % 8 == 0 ? present - 1 : random.Between(0, present - 1));
    catalogue.products.push_back(product);
  }
  return catalogue;
}

}  // namespace smelt::generate
