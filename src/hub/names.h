#pragma once

#include <string>
#include <string_view>

/// What names may look like before they become parts of paths and addresses.
namespace typecase::hub {

/// "org/name" or "name" by the hub's rules. Throws Error(invalid_argument).
void check_repo(std::string_view repo);
/// A branch, tag, ref or commit by git's rules. Throws Error(invalid_argument).
void check_revision(std::string_view revision);
/// A file's path inside a repository: relative, every part a plain name on POSIX and on Windows.
/// Throws Error(bad_file).
void check_path(std::string_view path);

/// A to Z in small letters, all else as it is, whatever the locale.
std::string lower(std::string_view text);

bool is_hex(std::string_view text, std::size_t digits);  ///< lower case
inline bool is_commit(std::string_view text) { return is_hex(text, 40); }

/// "models--org--name".
std::string repo_folder(std::string_view repo);
/// The repository of such a folder, or "" for any other name.
std::string repo_of_folder(std::string_view folder);

}  // namespace typecase::hub
