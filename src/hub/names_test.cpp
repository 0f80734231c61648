#include "hub/names.h"

#include <typecase/error.h>
#include <typecase/hub.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace typecase::hub {
namespace {

TEST(Name, HasRepositoryRevisionAndFile) {
  const Name name = parse_name("org/name@refs/pr/1:sub/a.gguf");
  EXPECT_EQ(name.repo, "org/name");
  EXPECT_EQ(name.revision, "refs/pr/1");
  EXPECT_EQ(name.file, "sub/a.gguf");
  EXPECT_EQ(name.text(), "org/name@refs/pr/1:sub/a.gguf");
  EXPECT_EQ(parse_name("gpt2").revision, "main");
  EXPECT_EQ(parse_name("hf.co/org/name:Q4_0").repo, "org/name");
  EXPECT_EQ(parse_name("https://huggingface.co/org/name").repo, "org/name");
}

TEST(Name, IsNoPath) {
  for (const char* text : {"gpt2", "org/name", "org/name@v1", "org/name:a.gguf", "a.b_c-d/e"}) {
    EXPECT_TRUE(looks_like_name(text)) << text;
  }
  for (const char* text :
       {"", ".", "..", "./x", "/x", "~/x", "a/b/c", "x.gguf", "org/x.gguf", "a\\b", "a b", "x/",
        "dir/model.safetensors", "toy.json", "-x", "http://h/x"}) {
    EXPECT_FALSE(looks_like_name(text)) << text;
  }
}

TEST(Name, RevisionsFollowGit) {
  for (const char* text : {"main", "v1.0", "refs/pr/1", "feature/x_y-z"})
    EXPECT_NO_THROW(check_revision(text));
  for (const char* text : {"", "..", "a..b", "/a", "a/", "a//b", ".a", "a/.b", "a.lock", "a:b",
                           "a\nb", "a*", "a\\b"}) {
    EXPECT_THROW(check_revision(text), Error) << text;
  }
}

TEST(Name, FilesAreSafeOnEverySystem) {
  for (const char* text : {"config.json", "1_Pooling/config.json", "größe.txt", "a b.json",
                           "console.txt", "com10.txt"}) {
    EXPECT_NO_THROW(check_path(text)) << text;
  }
  for (const char* text : {"", "/a", "../a", "a/..", "a/./b", "a//b", "a/", "C:a", "a\\b", "con",
                           "CON.txt", "lpt1", "a.", "a ", "a\tb", "a\x7f", "a|b", "a?"}) {
    EXPECT_THROW(check_path(text), Error) << text;
  }
  EXPECT_THROW(check_path(std::string("a\0b", 3)), Error);
  EXPECT_NO_THROW(check_path(std::string(255, 'a')));
  EXPECT_THROW(check_path(std::string(256, 'a')), Error);
}

TEST(Name, FoldersAndBack) {
  EXPECT_EQ(repo_folder("org/name"), "models--org--name");
  EXPECT_EQ(repo_folder("gpt2"), "models--gpt2");
  EXPECT_EQ(repo_of_folder("models--org--name"), "org/name");
  EXPECT_EQ(repo_of_folder("models--gpt2"), "gpt2");
  for (const char* text : {"datasets--a--b", "models--", "models--a--b--c", "models--..", "x"}) {
    EXPECT_EQ(repo_of_folder(text), "") << text;
  }
}

}  // namespace
}  // namespace typecase::hub
