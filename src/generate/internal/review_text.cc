#include "generate/internal/review_text.h"

#include <array>
#include <span>
#include <string_view>

namespace smelt::generate {
namespace {

using Phrases = std::span<const std::string_view>;

constexpr std::array<std::string_view, 10> kGoodTitles = {
    "Recomendo", "Muito bom",  "Ótimo produto", "Adorei!",     "Excelente compra", "Chegou antes do prazo",
    "Nota 10",   "Satisfeita", "Perfeito",      "Super rápido"};
constexpr std::array<std::string_view, 8> kFairTitles = {"Razoável", "Bom, mas demorou",   "Mais ou menos",
                                                         "Regular",  "Poderia ser melhor", "Entrega lenta",
                                                         "Ok",       "Esperava mais"};
constexpr std::array<std::string_view, 8> kBadTitles = {"Não recebi",        "Péssimo",       "Decepção",
                                                        "Produto errado",    "Não recomendo", "Veio com defeito",
                                                        "Atraso na entrega", "Cancelado"};

constexpr std::array<std::string_view, 16> kGoodSentences = {"Produto de ótima qualidade.",
                                                             "Chegou bem antes do prazo, muito bem embalado.",
                                                             "Minha filha adorou o presente!",
                                                             "Recomendo a loja, atendimento nota 10.",
                                                             "Exatamente como na descrição, cores iguais às da foto.",
                                                             "Já é a terceira vez que compro, e nunca tive problema.",
                                                             "Fiquei surpresa com o acabamento.",
                                                             "O vendedor respondeu no mesmo dia.",
                                                             "Preço justo, frete barato e entrega rápida.",
                                                             "Funciona perfeitamente, instalação simples.",
                                                             "O tecido é macio e o tamanho \"M\" serviu direitinho.",
                                                             "Comprei para a casa da minha mãe e ela amou.",
                                                             "Produto original, com nota fiscal e garantia.",
                                                             "Superou as expectativas.",
                                                             "Muito bonito, parece mais caro do que é.",
                                                             "Vou comprar outras cores."};
constexpr std::array<std::string_view, 10> kFairSentences = {
    "O produto é bom, mas a entrega demorou mais que o previsto.",
    "A caixa chegou amassada, por sorte nada quebrou.",
    "A cor é um pouco diferente da que aparece no anúncio.",
    "Cumpre o que promete, nada além disso.",
    "Faltou o manual em português.",
    "Veio sem a peça de \"brinde\" anunciada.",
    "O material poderia ser mais resistente.",
    "Recebi em duas entregas separadas, sem aviso.",
    "Menor do que eu imaginava.",
    "Pelo preço, está bom."};
constexpr std::array<std::string_view, 14> kBadSentences = {
    "Ainda não recebi o produto, e o prazo já passou.",
    "Comprei duas unidades e só veio uma.",
    "Entregaram o modelo errado, quero trocar.",
    "Parou de funcionar na primeira semana.",
    "Já mandei três mensagens e ninguém responde.",
    "A transportadora diz que entregou, mas aqui não chegou nada.",
    "O produto veio quebrado; a embalagem não tinha proteção.",
    "Péssimo acabamento, costura solta e cheiro forte.",
    "Na nota fiscal consta \"entregue\", porém não recebi.",
    "Quero meu dinheiro de volta!",
    "Não é original, é uma cópia.",
    "Cancelei a compra há um mês e o estorno não caiu.",
    "Propaganda enganosa: a foto mostra um kit e vem só uma peça.",
    "Não comprem nessa loja."};

Phrases TitlesFor(int score) {
  if (score >= 4) return kGoodTitles;
  return score == 3 ? Phrases(kFairTitles) : Phrases(kBadTitles);
}

Phrases SentencesFor(int score, Random& random) {
  if (score == 3 || (score == 4 && random.Chance(300))) return kFairSentences;
  return score >= 4 ? Phrases(kGoodSentences) : Phrases(kBadSentences);
}

std::string_view Pick(Phrases phrases, Random& random) {
  return phrases[random.Below(static_cast<std::uint32_t>(phrases.size()))];
}

}  // namespace

ReviewText ReviewText::Draw(int score, Random& random) {
  ReviewText text;
  const bool writes = random.Chance(score >= 4 ? 350 : 700);
  if (random.Chance(writes ? 240 : 25)) text.title = Pick(TitlesFor(score), random);
  if (!writes) return text;
  const Phrases phrases = SentencesFor(score, random);
  const std::uint32_t sentences = 1 + random.Skewed(5, 2);
  std::size_t chosen = random.Below(static_cast<std::uint32_t>(phrases.size()));
  for (std::uint32_t i = 0; i < sentences; ++i) {
    if (i > 0) text.message += random.Chance(120) ? (random.Chance(500) ? "\r\n" : "\n\n") : " ";
    text.message += phrases[chosen];
    chosen = (chosen + 3) % phrases.size();  // no list's length is a multiple of 3
  }
  return text;
}

}  // namespace smelt::generate
