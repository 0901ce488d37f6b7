#include "base/digest.h"

#include <gtest/gtest.h>

namespace smelt {
namespace {

using std::literals::operator""sv;

// The test vectors of RFC 1321 and FIPS 180-4.
TEST(DigestTest, GivesTheDigestsOfTheStandards) {
  EXPECT_EQ(Md5Hex(""), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(Md5Hex("message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

// Test cases 1 and 2 of RFC 4231.
TEST(DigestTest, GivesTheKeyedDigestOfTheStandard) {
  EXPECT_EQ(Sha256Hex(HmacSha256(std::string(20, '\x0b'), "Hi There")),
            Sha256Hex("\xb0\x34\x4c\x61\xd8\xdb\x38\x53\x5c\xa8\xaf\xce\xaf\x0b\xf1\x2b\x88\x1d\xc2\x00"
                      "\xc9\x83\x3d\xa7\x26\xe9\x37\x6c\x2e\x32\xcf\xf7"sv));
  EXPECT_EQ(HmacSha256("Jefe", "what do ya want for nothing?").substr(0, 4), "\x5b\xdc\xc1\x46");
}

}  // namespace
}  // namespace smelt
