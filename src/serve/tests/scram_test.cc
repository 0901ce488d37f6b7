#include "serve/access/scram.h"

#include <gtest/gtest.h>

#include <string>

#include "base/base64.h"

namespace smelt::serve {
namespace {

// The example of RFC 7677, section 3.
constexpr const char* kClientFirst = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
constexpr const char* kServerNonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
constexpr const char* kServerFirst =
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
constexpr const char* kClientFinal =
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
constexpr const char* kServerFinal = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

ScramExchange Exchange(const std::string& password = "pencil") {
  const std::string salt = Base64Decode("W22ZaJ0SNY7soEsUEjb6gQ==").value();
  constexpr int kIterations = 4'096;
  return {MakeScramVerifier(password, salt, kIterations), kServerNonce};
}

TEST(ScramTest, SpeaksAsTheStandardsExampleDoes) {
  ScramExchange exchange = Exchange();
  EXPECT_EQ(exchange.First(kClientFirst).value(), kServerFirst);
  EXPECT_EQ(exchange.Final(kClientFinal).value(), kServerFinal);
}

TEST(ScramTest, AnotherPasswordProvesNothing) {
  ScramExchange exchange = Exchange("pencils");
  ASSERT_TRUE(exchange.First(kClientFirst));
  EXPECT_EQ(exchange.Final(kClientFinal).error().code(), ErrorCode::kAccessUnknown);
}

TEST(ScramTest, RefusesFirstMessagesThatItCannotTake) {
  for (const char* message : {"", "n", "n,", "n,,", "n,,r=x", "n,,n=user", "n,,n=user,r=", "x,,n=user,r=abc",
                              "p=tls-unique,,n=user,r=abc", "n,a=other,n=user,r=abc"}) {
    EXPECT_EQ(Exchange().First(message).error().code(), ErrorCode::kServeProtocol) << message;
  }
  EXPECT_TRUE(Exchange().First("y,,n=,r=abc"));  // the name is empty with PostgreSQL
}

TEST(ScramTest, RefusesLastMessagesThatDoNotFit) {
  const std::string whole = kClientFinal;
  const auto refuse = [&](const std::string& message, ErrorCode code) {
    ScramExchange exchange = Exchange();
    ASSERT_TRUE(exchange.First(kClientFirst));
    const auto answer = exchange.Final(message);
    ASSERT_FALSE(answer) << message;
    EXPECT_EQ(answer.error().code(), code) << message;
  };
  refuse("", ErrorCode::kServeProtocol);
  refuse(whole.substr(0, whole.find(",p=")), ErrorCode::kServeProtocol);
  refuse("c=eSws" + whole.substr(6), ErrorCode::kServeProtocol);  // another header than before
  refuse("c=biws,r=other" + whole.substr(whole.find(",p=")), ErrorCode::kServeProtocol);
  refuse(whole.substr(0, whole.find(",p=")) + ",p=AAAA", ErrorCode::kServeProtocol);
  std::string changed = whole;
  changed[changed.size() - 5] = changed[changed.size() - 5] == 'A' ? 'B' : 'A';
  refuse(changed, ErrorCode::kAccessUnknown);
  ScramExchange early = Exchange();
  EXPECT_EQ(early.Final(kClientFinal).error().code(), ErrorCode::kServeProtocol);
}

class BoundScramTest : public testing::Test {
 protected:
  static ScramExchange Offering() {
    constexpr int kIterations = 4'096;
    return {MakeScramVerifier("pencil", "salt", kIterations), kServerNonce, "end point"};
  }
};

TEST_F(BoundScramTest, TheMechanismAndTheFirstMessageFitTogether) {
  const std::string bound = "p=tls-server-end-point,,n=,r=abc";
  EXPECT_TRUE(Offering().First(bound, ScramMechanism::kPlus));
  EXPECT_TRUE(Offering().First("n,,n=,r=abc", ScramMechanism::kPlain));
  EXPECT_FALSE(Offering().First(bound, ScramMechanism::kPlain));
  EXPECT_FALSE(Offering().First("p=tls-unique,,n=,r=abc", ScramMechanism::kPlus));
  EXPECT_FALSE(Offering().First("n,,n=,r=abc", ScramMechanism::kPlus));
  EXPECT_FALSE(Offering().First("y,,n=,r=abc", ScramMechanism::kPlain)) << "the offer was taken away on its way";
  EXPECT_FALSE(Exchange().First(bound, ScramMechanism::kPlus)) << "it was not offered";
}

TEST_F(BoundScramTest, AnotherChannelIsRefusedBeforeTheProof) {
  const std::string header = "p=tls-server-end-point,,";
  const auto answered = [&](const std::string& binding) {
    ScramExchange exchange = Offering();
    EXPECT_TRUE(exchange.First(header + "n=,r=abc", ScramMechanism::kPlus));
    const std::string proof = Base64Encode(std::string(32, 'x'));
    return exchange.Final("c=" + Base64Encode(binding) + ",r=abc" + kServerNonce + ",p=" + proof).error().code();
  };
  EXPECT_EQ(answered(header + "end point"), ErrorCode::kAccessUnknown);  // only the proof is wrong
  EXPECT_EQ(answered(header + "another end point"), ErrorCode::kServeProtocol);
  EXPECT_EQ(answered(header), ErrorCode::kServeProtocol);
}

}  // namespace
}  // namespace smelt::serve
