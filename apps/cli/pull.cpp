#include "commands.h"
#include "download_bars.h"
#include "shared_options.h"
#include "sizes.h"
#include "terminal.h"

#include <typecase/error.h>
#include <typecase/hub.h>
#include <typecase/json.h>

#include <iostream>
#include <memory>

namespace typecase::cli {
namespace {

struct PullCommand {
  std::string model{};
  std::string revision{};
  hub::PullOptions wanted{};
  int part_megabytes = 8;
  bool verify = false;
  bool json = false;
  TalkFlags talk{};

  hub::Name name() const {
    if (model.empty()) {
      throw Error(Code::invalid_argument, "a model is needed, for example: typecase pull gpt2");
    }
    hub::Name out = hub::parse_name(model);
    if (!revision.empty()) out.revision = revision;
    return out;
  }

  int operator()(Output& out) const {
    const hub::Name what = name();
    DownloadBars bars(talk.quiet);
    hub::Pulled pulled;
    {
      const CatchInterrupt interrupt;
      hub::PullOptions options = reporting(bars);
      options.include = wanted.include;
      options.exclude = wanted.exclude;
      options.force = wanted.force;
      options.connections = wanted.connections;
      options.part_bytes = static_cast<std::uint64_t>(part_megabytes) << 20;
      pulled = hub::pull(what, options);
    }
    if (!talk.quiet) report(what, pulled);
    if (verify) {
      const auto files = hub::verify(what);
      if (!talk.quiet) std::cerr << files << " files have the hashes the hub names\n";
    }
    if (json) {
      out << Json(Json::Object{{"model", what.repo},
                               {"commit", pulled.commit},
                               {"path", pulled.path},
                               {"fetched_files", static_cast<std::int64_t>(pulled.fetched_files)},
                               {"fetched_bytes", static_cast<std::int64_t>(pulled.fetched_bytes)}})
                 .pretty()
          << "\n";
    } else {
      out << pulled.path << "\n";
    }
    return 0;
  }

  static void report(const hub::Name& what, const hub::Pulled& pulled) {
    const std::string which = what.repo + " at " + pulled.commit.substr(0, 7);
    if (pulled.fetched_files == 0) {
      std::cerr << which << ": all there already\n";
      return;
    }
    std::cerr << which << ": " << pulled.fetched_files
              << (pulled.fetched_files == 1 ? " file, " : " files, ")
              << bytes_for_people(static_cast<std::int64_t>(pulled.fetched_bytes)) << " fetched\n";
  }
};

Option pattern(const char* name, const char* help, std::vector<std::string>& to) {
  return {.kind = Option::Kind::values,
          .name = name,
          .value = "PATTERN",
          .help = help,
          .accept = [&to](const std::string& text) { to.push_back(text); }};
}

}  // namespace

Action declare_pull(Options& table) {
  const auto pull = std::make_shared<PullCommand>();
  table.positional("MODEL", "NAME, ORG/NAME, with @REVISION or :FILE.gguf behind it", pull->model);
  table.text("revision", "REV", "branch, tag or commit (else main)", pull->revision);
  table.add(pattern("include", "fetch the files that match, instead of what a model needs",
                    pull->wanted.include));
  table.add(pattern("exclude", "but not these; * crosses /", pull->wanted.exclude));
  table.flag("force", "fetch again what the cache has", pull->wanted.force);
  table.flag("verify", "hash all of its files in the cache again", pull->verify);
  table.integer("max-workers", "N", "connections at once (else 8)", pull->wanted.connections, 1,
                64);
  table.integer("part-size", "MB", "larger files come in parts of this size (else 8)",
                pull->part_megabytes, 1, 1024);
  table.flag("json", "as one JSON document", pull->json);
  pull->talk.add_to(table);
  return [pull](Output& out) { return (*pull)(out); };
}

}  // namespace typecase::cli
