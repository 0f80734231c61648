#include "decode/stopping/stop_strings.h"

#include <typecase/error.h>

#include <gmock/gmock.h>

namespace typecase {
namespace {

class Words : public StopText {
 public:
  explicit Words(std::vector<std::string> words) : words_(std::move(words)) {}
  std::size_t vocabulary() const override { return words_.size(); }
  std::string_view text_of(TokenId id) const override {
    return words_.at(static_cast<std::size_t>(id));
  }

 private:
  std::vector<std::string> words_;
};

//                   0     1        2    3       4    5     6    7
const Words kWords({"st", "opera", "s", "stop", "t", "op", "", "last"});

bool stops(const Tokens& ids, std::vector<std::string> strings = {"stop"}) {
  return StopStrings(std::move(strings), kWords).reached(ids);
}

TEST(StopStrings, TheLastTokenMayRunPastTheEnd) { EXPECT_TRUE(stops({0, 1})); }
TEST(StopStrings, AWholeTokenIsEnough) { EXPECT_TRUE(stops({5, 3})); }
TEST(StopStrings, ManyTokensMayMakeTheString) { EXPECT_TRUE(stops({1, 2, 4, 5})); }
TEST(StopStrings, TheFirstTokenMayStartBefore) { EXPECT_TRUE(stops({7, 5})); }
TEST(StopStrings, TokensWithoutTextAreNoGap) { EXPECT_TRUE(stops({0, 6, 5})); }
TEST(StopStrings, AGapIsNoMatch) { EXPECT_FALSE(stops({0, 4, 5})); }
TEST(StopStrings, TheLastTokenMustTakePart) {
  EXPECT_FALSE(stops({3, 2}));
  EXPECT_FALSE(stops({3, 6}));
}
TEST(StopStrings, HalfTheStringIsNotEnough) {
  EXPECT_FALSE(stops({5}));
  EXPECT_FALSE(stops({4, 5}));
}
TEST(StopStrings, AnyOfSeveralCounts) { EXPECT_TRUE(stops({4, 1}, {"stop", "per"})); }
TEST(StopStrings, UnknownIdsMatchNothing) { EXPECT_FALSE(stops({0, 99})); }

TEST(StopStrings, RefusesStringsThatNoTokenCanEnd) {
  EXPECT_THROW(stops({0}, {"xyz"}), Error);
  EXPECT_NO_THROW(stops({0}, {"xyz", "stop"}));
}

}  // namespace
}  // namespace typecase
