#include "base/memory.h"

#include <typecase/error.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace typecase {
namespace {

TEST(Memory, WhatCannotBeHadIsRefusedBeforeItIsTaken) {
  if (!available_memory()) GTEST_SKIP();
  EXPECT_GT(*available_memory(), 0u);
  EXPECT_NO_THROW(require_memory(1, "the weights"));
  try {
    require_memory(std::uint64_t{1} << 60, "the weights");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::out_of_memory);
    EXPECT_THAT(error.what(), testing::HasSubstr("the weights need 1152921504.6 GB"));
  }
}

}  // namespace
}  // namespace typecase
