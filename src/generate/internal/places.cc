#include "generate/internal/places.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace smelt::generate {
namespace {

constexpr std::array kCities = {
    City{"são paulo", "SP", 1001, 5899, -2355, -4663, 1560},
    City{"campinas", "SP", 13010, 13149, -2291, -4706, 145},
    City{"guarulhos", "SP", 7010, 7299, -2346, -4653, 119},
    City{"são bernardo do campo", "SP", 9600, 9899, -2369, -4656, 94},
    City{"santo andré", "SP", 9010, 9299, -2366, -4653, 80},
    City{"osasco", "SP", 6010, 6299, -2353, -4679, 75},
    City{"santos", "SP", 11010, 11099, -2396, -4633, 71},
    City{"são josé dos campos", "SP", 12210, 12249, -2322, -4590, 69},
    City{"sorocaba", "SP", 18010, 18109, -2350, -4746, 63},
    City{"jundiaí", "SP", 13201, 13219, -2319, -4688, 56},
    City{"ribeirão preto", "SP", 14010, 14109, -2118, -4781, 51},
    City{"barueri", "SP", 6401, 6499, -2351, -4688, 43},
    City{"mogi das cruzes", "SP", 8710, 8899, -2352, -4619, 38},
    City{"são josé do rio preto", "SP", 15010, 15104, -2082, -4938, 38},
    City{"piracicaba", "SP", 13400, 13439, -2273, -4765, 37},
    City{"carapicuíba", "SP", 6310, 6399, -2352, -4684, 35},
    City{"taubaté", "SP", 12010, 12119, -2303, -4556, 34},
    City{"bauru", "SP", 17010, 17119, -2231, -4907, 33},
    City{"praia grande", "SP", 11700, 11729, -2401, -4640, 32},
    City{"indaiatuba", "SP", 13330, 13349, -2309, -4722, 31},
    City{"diadema", "SP", 9910, 9999, -2369, -4662, 30},
    City{"cotia", "SP", 6700, 6729, -2360, -4692, 30},
    City{"mauá", "SP", 9310, 9399, -2367, -4646, 29},
    City{"suzano", "SP", 8600, 8699, -2354, -4631, 28},
    City{"limeira", "SP", 13480, 13489, -2256, -4740, 27},
    City{"americana", "SP", 13465, 13479, -2274, -4733, 26},
    City{"araraquara", "SP", 14800, 14811, -2179, -4818, 25},
    City{"são carlos", "SP", 13560, 13577, -2202, -4789, 25},
    City{"franca", "SP", 14400, 14414, -2054, -4740, 24},
    City{"presidente prudente", "SP", 19010, 19109, -2213, -5139, 22},
    City{"marília", "SP", 17500, 17539, -2221, -4995, 20},
    City{"ibitinga", "SP", 14940, 14959, -2176, -4883, 8},
    City{"rio de janeiro", "RJ", 20010, 23799, -2291, -4317, 690},
    City{"niterói", "RJ", 24010, 24399, -2288, -4312, 85},
    City{"nova iguaçu", "RJ", 26010, 26299, -2276, -4345, 45},
    City{"são gonçalo", "RJ", 24410, 24799, -2283, -4305, 42},
    City{"duque de caxias", "RJ", 25010, 25599, -2279, -4331, 40},
    City{"petrópolis", "RJ", 25610, 25779, -2251, -4318, 28},
    City{"volta redonda", "RJ", 27210, 27299, -2252, -4410, 26},
    City{"campos dos goytacazes", "RJ", 28010, 28149, -2176, -4133, 26},
    City{"macaé", "RJ", 27910, 27999, -2237, -4179, 24},
    City{"cabo frio", "RJ", 28900, 28929, -2288, -4202, 22},
    City{"nova friburgo", "RJ", 28600, 28634, -2228, -4253, 18},
    City{"belo horizonte", "MG", 30110, 31999, -1992, -4394, 278},
    City{"juiz de fora", "MG", 36010, 36109, -2176, -4335, 60},
    City{"contagem", "MG", 32010, 32399, -1993, -4405, 58},
    City{"uberlândia", "MG", 38400, 38419, -1892, -4828, 56},
    City{"betim", "MG", 32510, 32699, -1997, -4420, 36},
    City{"montes claros", "MG", 39400, 39409, -1674, -4386, 33},
    City{"ipatinga", "MG", 35160, 35164, -1947, -4254, 28},
    City{"uberaba", "MG", 38010, 38109, -1975, -4793, 28},
    City{"governador valadares", "MG", 35010, 35109, -1885, -4195, 26},
    City{"divinópolis", "MG", 35500, 35504, -2014, -4488, 22},
    City{"poços de caldas", "MG", 37700, 37719, -2179, -4656, 20},
    City{"vitória", "ES", 29010, 29099, -2032, -4034, 42},
    City{"vila velha", "ES", 29100, 29129, -2033, -4029, 40},
    City{"serra", "ES", 29160, 29184, -2013, -4031, 32},
    City{"porto alegre", "RS", 90010, 91999, -3003, -5123, 140},
    City{"caxias do sul", "RS", 95010, 95129, -2917, -5118, 34},
    City{"canoas", "RS", 92010, 92449, -2992, -5118, 30},
    City{"pelotas", "RS", 96010, 96099, -3177, -5234, 27},
    City{"santa maria", "RS", 97010, 97119, -2968, -5381, 26},
    City{"novo hamburgo", "RS", 93310, 93599, -2968, -5113, 25},
    City{"curitiba", "PR", 80010, 82999, -2543, -4927, 155},
    City{"londrina", "PR", 86010, 86099, -2331, -5116, 42},
    City{"maringá", "PR", 87010, 87099, -2342, -5194, 34},
    City{"ponta grossa", "PR", 84010, 84109, -2509, -5016, 24},
    City{"são josé dos pinhais", "PR", 83010, 83189, -2553, -4921, 22},
    City{"cascavel", "PR", 85800, 85824, -2495, -5346, 22},
    City{"foz do iguaçu", "PR", 85850, 85871, -2554, -5459, 18},
    City{"guarapuava", "PR", 85010, 85109, -2539, -5146, 12},
    City{"florianópolis", "SC", 88010, 88099, -2760, -4855, 58},
    City{"joinville", "SC", 89200, 89239, -2630, -4885, 50},
    City{"blumenau", "SC", 89010, 89099, -2692, -4907, 38},
    City{"são josé", "SC", 88100, 88123, -2761, -4863, 26},
    City{"itajaí", "SC", 88300, 88319, -2691, -4866, 22},
    City{"criciúma", "SC", 88800, 88819, -2868, -4937, 20},
    City{"chapecó", "SC", 89800, 89816, -2710, -5262, 18},
    City{"salvador", "BA", 40010, 42599, -1297, -3850, 125},
    City{"feira de santana", "BA", 44010, 44149, -1227, -3897, 30},
    City{"lauro de freitas", "BA", 42700, 42739, -1289, -3833, 24},
    City{"vitória da conquista", "BA", 45010, 45099, -1486, -4084, 22},
    City{"ilhéus", "BA", 45650, 45659, -1479, -3905, 14},
    City{"brasília", "DF", 70010, 73399, -1580, -4788, 213},
    City{"goiânia", "GO", 74010, 74899, -1669, -4926, 70},
    City{"aparecida de goiânia", "GO", 74905, 74999, -1682, -4925, 26},
    City{"anápolis", "GO", 75010, 75149, -1633, -4895, 24},
    City{"luziânia", "GO", 72800, 72859, -1625, -4795, 12},
    City{"rio verde", "GO", 75900, 75914, -1780, -5092, 12},
    City{"recife", "PE", 50010, 52999, -805, -3488, 62},
    City{"jaboatão dos guararapes", "PE", 54010, 54589, -811, -3502, 26},
    City{"olinda", "PE", 53010, 53439, -801, -3485, 18},
    City{"caruaru", "PE", 55010, 55099, -828, -3598, 14},
    City{"petrolina", "PE", 56300, 56334, -939, -4050, 12},
    City{"fortaleza", "CE", 60010, 61599, -373, -3852, 66},
    City{"juazeiro do norte", "CE", 63010, 63069, -721, -3932, 10},
    City{"sobral", "CE", 62010, 62119, -369, -4035, 8},
    City{"belém", "PA", 66010, 66999, -145, -4850, 46},
    City{"ananindeua", "PA", 67010, 67199, -137, -4837, 14},
    City{"santarém", "PA", 68010, 68099, -244, -5471, 8},
    City{"marabá", "PA", 68500, 68514, -537, -4912, 8},
    City{"cuiabá", "MT", 78010, 78099, -1560, -5610, 32},
    City{"várzea grande", "MT", 78110, 78169, -1565, -5613, 12},
    City{"rondonópolis", "MT", 78700, 78759, -1647, -5464, 12},
    City{"sinop", "MT", 78550, 78559, -1186, -5551, 10},
    City{"são luís", "MA", 65010, 65109, -253, -4430, 36},
    City{"imperatriz", "MA", 65900, 65919, -553, -4748, 12},
    City{"campo grande", "MS", 79010, 79124, -2047, -5462, 36},
    City{"dourados", "MS", 79800, 79849, -2222, -5481, 14},
    City{"três lagoas", "MS", 79600, 79649, -2078, -5170, 8},
    City{"joão pessoa", "PB", 58010, 58099, -712, -3486, 26},
    City{"campina grande", "PB", 58400, 58449, -723, -3588, 14},
    City{"teresina", "PI", 64010, 64099, -509, -4280, 28},
    City{"parnaíba", "PI", 64200, 64219, -290, -4178, 8},
    City{"natal", "RN", 59010, 59149, -579, -3521, 32},
    City{"mossoró", "RN", 59600, 59649, -519, -3734, 8},
    City{"maceió", "AL", 57010, 57099, -967, -3574, 30},
    City{"arapiraca", "AL", 57300, 57319, -975, -3666, 8},
    City{"aracaju", "SE", 49010, 49099, -1091, -3707, 26},
    City{"lagarto", "SE", 49400, 49419, -1092, -3765, 6},
    City{"palmas", "TO", 77010, 77299, -1018, -4833, 16},
    City{"araguaína", "TO", 77800, 77829, -719, -4821, 8},
    City{"porto velho", "RO", 76801, 76834, -876, -6390, 14},
    City{"ji-paraná", "RO", 76900, 76914, -1088, -6195, 8},
    City{"manaus", "AM", 69005, 69099, -312, -6002, 13},
    City{"parintins", "AM", 69150, 69159, -263, -5674, 2},
    City{"rio branco", "AC", 69900, 69924, -997, -6781, 6},
    City{"cruzeiro do sul", "AC", 69980, 69989, -763, -7267, 2},
    City{"macapá", "AP", 68900, 68914, 4, -5106, 6},
    City{"santana", "AP", 68925, 68929, -5, -5117, 1},
    City{"boa vista", "RR", 69301, 69339, 282, -6067, 5},
};

/// How many prefixes a town has per unit of weight, as far as its range allows.
constexpr int kPrefixesPerWeight = 2;

/// How a state's share of sellers compares to its share of customers, in per cent.
int SellerShare(std::string_view state) {
  if (state == "SP") return 145;
  if (state == "PR" || state == "SC") return 200;
  if (state == "MG" || state == "RS" || state == "ES" || state == "DF" || state == "GO") return 70;
  if (state == "RJ") return 45;
  return 15;
}

std::size_t PickByWeight(const std::vector<std::uint32_t>& cumulative, Random& random) {
  const std::uint32_t draw = random.Below(cumulative.back());
  return static_cast<std::size_t>(std::ranges::upper_bound(cumulative, draw) - cumulative.begin());
}

}  // namespace

std::span<const City> Cities() {
  return kCities;
}

std::string WithoutAccents(std::string_view name) {
  // Of the letters U+00E0 to U+00FF (bytes C3 A0 to C3 BF) those that Portuguese uses; '?' marks the others.
  constexpr std::string_view kBase = "aaaa???ceee??i???n?ooo?????u??y?";
  std::string plain;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const auto byte = static_cast<unsigned char>(name[i]);
    if (byte != 0xC3 || i + 1 == name.size()) {
      plain += name[i];
      continue;
    }
    plain += kBase[static_cast<unsigned char>(name[++i]) & 0x1F];
  }
  return plain;
}

Places::Places() {
  std::uint32_t customers = 0, sellers = 0;
  std::vector<std::pair<int, std::size_t>> by_zip;
  for (std::size_t city = 0; city < kCities.size(); ++city) {
    customers += static_cast<std::uint32_t>(kCities[city].weight);
    sellers += static_cast<std::uint32_t>(kCities[city].weight * SellerShare(kCities[city].state));
    cumulative_.push_back(customers);
    seller_cumulative_.push_back(sellers);
    by_zip.emplace_back(kCities[city].zip_first, city);
  }
  std::ranges::sort(by_zip);
  first_place_.resize(kCities.size());
  for (const auto& [zip_first, city] : by_zip) {
    first_place_[city] = static_cast<std::uint32_t>(places_.size());
    const int range = kCities[city].zip_last - zip_first + 1;
    const int prefixes = std::min(range, kCities[city].weight * kPrefixesPerWeight);
    for (int i = 0; i < prefixes; ++i) {
      places_.push_back(
          {zip_first + static_cast<int>(std::int64_t{range} * i / prefixes), static_cast<std::uint16_t>(city)});
    }
  }
}

std::uint32_t Places::DrawIn(std::size_t city, Random& random) const {
  const int range = kCities[city].zip_last - kCities[city].zip_first + 1;
  const int prefixes = std::min(range, kCities[city].weight * kPrefixesPerWeight);
  return first_place_[city] + random.Below(static_cast<std::uint32_t>(prefixes));
}

std::uint32_t Places::Draw(Random& random) const {
  return DrawIn(PickByWeight(cumulative_, random), random);
}

std::uint32_t Places::DrawSeller(Random& random) const {
  return DrawIn(PickByWeight(seller_cumulative_, random), random);
}

int DistanceKm(const City& from, const City& to) {
  const int north = std::abs(from.latitude - to.latitude);
  const int east = std::abs(from.longitude - to.longitude);
  // The octagon that approximates a circle; a hundredth of a degree is 1.1 km.
  return (std::max(north, east) + std::min(north, east) / 2) * 11 / 10;
}

}  // namespace smelt::generate
