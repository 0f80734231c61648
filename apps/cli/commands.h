#pragma once

#include "options.h"
#include "output.h"

#include <functional>
#include <span>
#include <string_view>

namespace typecase::cli {

/// What a command does once its options are parsed; returns the exit code. Data go to the output.
using Action = std::function<int(Output&)>;

/// One row of `typecase --help`, and everything `typecase NAME --help` says before the options.
struct Command {
  std::string_view name;
  std::string_view arguments;   ///< of the usage line
  std::string_view summary;     ///< one line
  std::string_view examples;    ///< lines to try, each of at most 78 columns
  Action (*declare)(Options&);  ///< names the options and returns what uses them
};

std::span<const Command> commands();

Action declare_run(Options& table);
Action declare_chat(Options& table);
Action declare_completions(Options& table);
Action declare_generate(Options& table);
Action declare_compare(Options& table);
Action declare_explain(Options& table);
Action declare_logits(Options& table);
Action declare_embed(Options& table);
Action declare_fill(Options& table);
Action declare_tokenize(Options& table);
Action declare_render(Options& table);
Action declare_score(Options& table);
Action declare_show(Options& table);
Action declare_pull(Options& table);
Action declare_ls(Options& table);
Action declare_rm(Options& table);
Action declare_env(Options& table);
Action declare_bench(Options& table);

}  // namespace typecase::cli
