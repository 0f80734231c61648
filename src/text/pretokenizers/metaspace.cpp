#include "text/pretokenizers/metaspace.h"

#include "base/utf8.h"

namespace typecase {
namespace {

/// Spaces become a visible character, which is also put in front.
class Metaspace final : public PreTokenizer {
 public:
  explicit Metaspace(const MetaspaceOptions& options)
      : prepend_(options.prepend_scheme), split_(options.split) {
    append_utf8(replacement_, options.replacement);
  }

  void split(Pieces& pieces) const override {
    pieces.spell_bytes();
    AlignedText out;
    const bool tracked = pieces.text.tracked();
    for (Piece& piece : pieces.list) {
      const auto begin = static_cast<std::uint32_t>(out.text.size());
      const auto text = pieces.at(piece);
      if (!text.starts_with(' ') && !text.starts_with(replacement_) && prepends(pieces, piece)) {
        out.append(replacement_, pieces.text.span(piece.begin, piece.begin + 1), tracked);
      }
      std::size_t done = piece.begin;
      for (std::size_t at = piece.begin; at < piece.end; ++at) {
        if (pieces.text.text[at] != ' ') continue;
        out.append(pieces.text, done, at);
        out.append(replacement_, pieces.text.span(at, at + 1), tracked);
        done = at + 1;
      }
      out.append(pieces.text, done, piece.end);
      piece = {begin, static_cast<std::uint32_t>(out.text.size())};
    }
    out.first = pieces.text.first;
    pieces.text = std::move(out);
    if (split_) cut(pieces);
  }

  bool needs_origins(bool normalized) const noexcept override {
    return prepend_ == PrependScheme::first && normalized;
  }
  bool looks_at_origins() const noexcept override { return prepend_ == PrependScheme::first; }

 private:
  /// "first" means: the piece begins where the original text does.
  bool prepends(const Pieces& pieces, Piece piece) const {
    if (prepend_ != PrependScheme::first) return prepend_ == PrependScheme::always;
    if (pieces.text.tracked()) return pieces.text.origin[piece.begin].begin == 0;
    return pieces.starts_text && piece.begin == 0;
  }

  /// Every replacement begins a piece.
  void cut(Pieces& pieces) const {
    pieces.recut([&](Piece piece, std::vector<Piece>& out) {
      std::uint32_t begin = piece.begin;
      const auto text = std::string_view(pieces.text.text).substr(0, piece.end);
      for (auto at = text.find(replacement_, piece.begin); at != std::string_view::npos;
           at = text.find(replacement_, at + replacement_.size())) {
        const auto here = static_cast<std::uint32_t>(at);
        if (begin < here) out.push_back({begin, here});
        begin = here;
      }
      out.push_back({begin, piece.end});
    });
  }

  std::string replacement_;
  PrependScheme prepend_;
  bool split_;
};

}  // namespace

PrependScheme prepend_scheme(const ConfigValue& config) {
  if (config.text() == "always") return PrependScheme::always;
  if (config.text() == "first") return PrependScheme::first;
  if (config.text() == "never") return PrependScheme::never;
  throw config.error(Code::bad_file,
                     "expected always, first or never, found " + quote(config.text()));
}

MetaspaceOptions read_metaspace(const ConfigValue& config) {
  MetaspaceOptions options;
  options.replacement = config.at("replacement").character();
  if (config.has("prepend_scheme")) {
    options.prepend_scheme = prepend_scheme(config.at("prepend_scheme"));
  }
  options.split = config.flag_or("split", true);
  // The old name of the setting: true means always, and false needs prepend_scheme to agree.
  if (!config.flag_or("add_prefix_space", true) && options.prepend_scheme != PrependScheme::never) {
    throw config.at("add_prefix_space")
        .error(Code::bad_file, "add_prefix_space is false, but prepend_scheme is not never");
  }
  return options;
}

std::unique_ptr<PreTokenizer> make_metaspace(const MetaspaceOptions& options) {
  return std::make_unique<Metaspace>(options);
}
std::unique_ptr<PreTokenizer> make_metaspace(const ConfigValue& config) {
  return make_metaspace(read_metaspace(config));
}

}  // namespace typecase
