/// What a hub lists: any bytes end in files with sane hashes or an Error; what is stored is read
/// back the same; what is chosen to be written has names that stay inside their folder.
#include "ask.h"
#include "hub/choose.h"
#include "hub/listing.h"
#include "hub/names.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace typecase::hub;
using typecase::fuzz::ask, typecase::fuzz::expect;

bool stays_inside(std::string_view path) {
  return !path.starts_with('/') && path != ".." && !path.starts_with("../") &&
         path.find("/../") == std::string_view::npos && !path.ends_with("/..") &&
         path.find('\0') == std::string_view::npos && path.find('\\') == std::string_view::npos;
}

void use(const std::vector<RepoFile>& files) {
  for (const RepoFile& file : files) {
    expect(is_hex(file.digest(), file.sha256.empty() ? 40 : 64));
  }
  const auto stored = tree_document(files);
  expect(tree_document(parse_tree_document(stored)) == stored);
  for (const char* name : {"a/b", "a/b:Q4_0"}) {
    for (const std::vector<std::string>& include : {std::vector<std::string>{}, {"*"}}) {
      ask([&] {
        for (const auto& file : choose_files(parse_name(name), files, include).files) {
          expect(stays_inside(file.path));
        }
      });
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  ask([&] { use(parse_tree_page(text)); });
  ask([&] { use(parse_tree_document(text)); });
  ask([&] { expect(is_commit(parse_commit(text))); });
  ask([&] { shards_of_index(text); });
  ask([&] {
    const Name name = parse_name(text);
    expect(stays_inside(name.repo) && stays_inside(name.file) && stays_inside(name.revision));
    expect(repo_of_folder(repo_folder(name.repo)) == name.repo);
    expect(parse_name(name.text()).text() == name.text());
  });
  return 0;
}
