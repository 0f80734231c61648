#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Models of the Hugging Face hub: fetched into, and found in, the cache that huggingface_hub uses.
///
/// Environment: HF_HOME, HF_HUB_CACHE, HF_TOKEN, HF_TOKEN_PATH, HF_ENDPOINT, HF_HUB_OFFLINE and the
/// other variables of docs/command-line.md. Whatever a hub answers is hostile input: every file is
/// held to the hash that the hub's listing names before it becomes visible, nothing is written
/// outside the cache, and the token is sent to the endpoint's own scheme, host and port only.
namespace typecase::hub {

/// A model on the hub: "gpt2", "org/name", "org/name@revision", "org/name:file.gguf", and
/// "org/name:Q4_K_M" for the one GGUF file whose name ends so.
struct Name {
  std::string repo{};
  std::string revision = "main";  ///< branch, tag, "refs/pr/1" or a commit of 40 hex digits
  std::string file{};             ///< what stands behind the colon; empty: all that a model needs

  std::string text() const;  ///< as parse_name() reads it
};

/// Throws Error(invalid_argument) saying what a name may hold.
Name parse_name(std::string_view text);

/// Whether `text` can only be meant as a hub name: no path ("./x", "/x", "a/b/c", "x.gguf").
bool looks_like_name(std::string_view text);

/// How far one file is. `done` may start above 0 when an earlier download is continued.
struct FileProgress {
  enum class State { waiting, fetching, done };
  std::string path{};
  std::uint64_t done = 0;     ///< bytes
  std::uint64_t total = 0;    ///< bytes
  std::uint64_t resumed = 0;  ///< of `done`, those an earlier download left
  State state = State::waiting;
};

struct PullOptions {
  std::vector<std::string> include{};  ///< fetch the files that match one of these instead
  std::vector<std::string> exclude{};  ///< and none that match these; * crosses /
  bool force = false;                  ///< fetch anew what the cache has
  int connections = 8;                 ///< at once
  /// Larger files are fetched in parts of this size over several connections.
  std::uint64_t part_bytes = std::uint64_t{8} << 20;
  /// Called some ten times a second from the calling thread with all files to be fetched.
  std::function<void(const std::vector<FileProgress>&)> on_progress{};
  std::function<void(const std::string&)> on_message{};  ///< waits and retries, one line each
  std::function<bool()> should_stop{};                   ///< polled; true: Error(interrupted)
};

struct Pulled {
  std::string path{};    ///< the snapshot's folder, or the GGUF file in it
  std::string commit{};  ///< 40 hex digits
  std::uint64_t fetched_bytes = 0;
  std::size_t fetched_files = 0;
};

/// Brings a model into the cache. What is there already is not fetched again; what a killed
/// download left is continued. The revision's ref is written last, so that it never names a
/// snapshot with holes.
/// Throws Error: not_found, access_denied (with the remedy), network, mismatch, io, limit,
/// unsupported (no safetensors or GGUF; no libcurl), interrupted.
Pulled pull(const Name& name, const PullOptions& options = {});

/// The model's folder or GGUF file, if the cache holds all of it; no network is used.
std::optional<std::string> find(const Name& name);

/// `text` as a path when something lies there, else the hub model of that name: from the cache,
/// or fetched first. Throws as pull() does.
std::string path_of(const std::string& text, const PullOptions& options = {});

/// Hashes the model's cached files again. Throws Error(mismatch) naming the first that differs,
/// Error(not_found) when the model is not in the cache. Returns the number of files compared.
std::size_t verify(const Name& name);

/// One snapshot in the cache.
struct CachedModel {
  std::string repo{};
  std::string commit{};
  std::vector<std::string> refs{};  ///< "main", …
  std::uint64_t bytes = 0;          ///< of its files
  std::size_t files = 0;
  std::int64_t modified = 0;  ///< seconds since 1970, of the newest file
  bool complete = false;      ///< all that its listing says a model needs
  std::string path{};
};

/// What the cache holds, by name.
std::vector<CachedModel> list();

/// Removes a model, or only one revision's snapshot and what no other snapshot uses.
/// Throws Error(not_found), and Error(failed) while another process downloads it.
/// Returns the bytes freed.
std::uint64_t remove(const Name& name, bool only_revision);

/// The cache's folder: $HF_HUB_CACHE, else $HF_HOME/hub, else ~/.cache/huggingface/hub.
std::string cache_folder();

/// "libcurl 7.88.1, OpenSSL 3.0.22", or why nothing can be fetched. Loads the libraries.
std::string network_description();

}  // namespace typecase::hub
