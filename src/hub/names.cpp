#include "hub/names.h"

#include <typecase/error.h>
#include <typecase/hub.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>

namespace typecase::hub {
namespace {

constexpr std::size_t kLongestPath = 1024;
constexpr std::size_t kLongestPart = 255;  // what file systems allow
constexpr std::size_t kLongestRepo = 96;   // the hub's own limit

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         c == '-' || c == '.';
}

[[noreturn]] void refuse_repo(std::string_view repo, const std::string& why) {
  throw Error(Code::invalid_argument,
              quote(repo) + " is no name of a hub model: " + why +
                  "; expected NAME or ORGANISATION/NAME, optionally with @REVISION and :FILE.gguf");
}

void check_repo_part(std::string_view repo, std::string_view part) {
  if (part.empty()) refuse_repo(repo, "a part of it is empty");
  if (!std::ranges::all_of(part, is_word)) {
    refuse_repo(repo, "letters, digits, '-', '_' and '.' are allowed");
  }
  const auto at_an_end = [&](char c) { return part.front() == c || part.back() == c; };
  if (at_an_end('-') || at_an_end('.')) refuse_repo(repo, "'-' and '.' stand inside only");
}

// Names that Windows gives to devices, whatever their ending.
bool is_device(std::string_view part) {
  constexpr std::array<std::string_view, 4> kDevices = {"con", "prn", "aux", "nul"};
  const std::string stem = lower(part.substr(0, part.find('.')));
  if (std::ranges::find(kDevices, stem) != kDevices.end()) return true;
  return stem.size() == 4 && (stem.starts_with("com") || stem.starts_with("lpt")) &&
         std::isdigit(static_cast<unsigned char>(stem[3])) != 0;
}

// Why a part of a path cannot be a file's name everywhere; empty if it can.
std::string fault_of(std::string_view part) {
  if (part.empty()) return "has an empty part";
  if (part == "." || part == "..") return "leads out of its folder";
  if (part.size() > kLongestPart) return "has a part of more than 255 bytes";
  for (const char c : part) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return "has a control character";
    if (std::string_view("\\:*?\"<>|").find(c) != std::string_view::npos) {
      return std::string("has the character ") + c;
    }
  }
  if (part.back() == '.' || part.back() == ' ') return "has a part that ends with a dot or space";
  if (is_device(part)) return "names a device of Windows";
  return {};
}

}  // namespace

void check_repo(std::string_view repo) {
  if (repo.size() > kLongestRepo) refuse_repo(repo, "it has more than 96 characters");
  const auto slash = repo.find('/');
  check_repo_part(repo, repo.substr(0, slash));
  if (slash != std::string_view::npos) check_repo_part(repo, repo.substr(slash + 1));
  if (repo.find("--") != std::string_view::npos || repo.find("..") != std::string_view::npos) {
    refuse_repo(repo, "'--' and '..' are not allowed");
  }
  if (repo.ends_with(".git")) refuse_repo(repo, "it ends with '.git'");
}

void check_revision(std::string_view revision) {
  const auto refuse = [&](const std::string& why) {
    throw Error(Code::invalid_argument, "the revision " + quote(revision) + " " + why +
                                            "; expected a branch, a tag or a " + "commit");
  };
  if (revision.empty() || revision.size() > kLongestPart) refuse("is empty or too long");
  std::string_view rest = revision;
  while (true) {
    const auto slash = rest.find('/');
    const auto part = rest.substr(0, slash);
    if (const auto fault = fault_of(part); !fault.empty()) refuse(fault);
    if (part.front() == '.' || part.ends_with(".lock")) refuse("is no name of a branch or tag");
    if (slash == std::string_view::npos) break;
    rest.remove_prefix(slash + 1);
  }
  if (revision.find("..") != std::string_view::npos) refuse("holds '..'");
}

void check_path(std::string_view path) {
  const auto refuse = [&](const std::string& why) {
    throw Error(Code::bad_file,
                "the hub names a file " + quote(path) + ", which " + why + "; nothing was written");
  };
  if (path.size() > kLongestPath) refuse("has more than 1024 bytes");
  std::string_view rest = path;
  while (true) {
    const auto slash = rest.find('/');
    if (const auto fault = fault_of(rest.substr(0, slash)); !fault.empty()) refuse(fault);
    if (slash == std::string_view::npos) return;
    rest.remove_prefix(slash + 1);
  }
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool is_hex(std::string_view text, std::size_t digits) {
  return text.size() == digits && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

std::string repo_folder(std::string_view repo) {
  std::string out = "models--";
  for (const char c : repo) out += c == '/' ? "--" : std::string(1, c);
  return out;
}

std::string repo_of_folder(std::string_view folder) {
  if (!folder.starts_with("models--")) return {};
  std::string repo(folder.substr(8));
  if (const auto at = repo.find("--"); at != std::string::npos) repo.replace(at, 2, "/");
  try {
    check_repo(repo);
  } catch (const Error&) {
    return {};
  }
  return repo;
}

std::string Name::text() const {
  return repo + (revision == "main" ? "" : "@" + revision) + (file.empty() ? "" : ":" + file);
}

Name parse_name(std::string_view text) {
  for (const std::string_view prefix : {"hf://", "https://huggingface.co/", "hf.co/"}) {
    if (text.starts_with(prefix)) text.remove_prefix(prefix.size());
  }
  Name out;
  if (const auto colon = text.find(':'); colon != std::string_view::npos) {
    out.file = text.substr(colon + 1);
    text = text.substr(0, colon);
    if (out.file.empty()) refuse_repo(text, "nothing stands behind the colon");
    check_path(out.file);
  }
  if (const auto at = text.find('@'); at != std::string_view::npos) {
    out.revision = text.substr(at + 1);
    text = text.substr(0, at);
    check_revision(out.revision);
  }
  out.repo = text;
  check_repo(out.repo);
  return out;
}

bool looks_like_name(std::string_view text) {
  if (text.ends_with(".gguf") && text.find(':') == std::string_view::npos) return false;
  if (text.ends_with(".safetensors") || text.ends_with(".json")) return false;
  try {
    parse_name(text);
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace typecase::hub
