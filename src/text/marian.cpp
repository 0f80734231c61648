#include "text/marian.h"

#include "base/limits.h"
#include "base/mapped_file.h"
#include "text/json_document.h"
#include "text/marian_decoder.h"
#include "text/models/vocabulary_reader.h"

#include <typecase/error.h>

#include <set>

namespace typecase {
namespace {

namespace fs = std::filesystem;

/// Pieces of source.spm, numbered by vocab.json.
class Marian final : public Model {
 public:
  Marian(std::shared_ptr<const SentencePieceProcessor> source, Vocabulary vocabulary,
         const std::string& unk_token)
      : source_(std::move(source)), vocabulary_(std::move(vocabulary)) {
    const auto unk = vocabulary_.find(unk_token);
    if (!unk) {
      throw Error(Code::bad_file, "the unknown token " + quote(unk_token) + " is not there");
    }
    unk_ = *unk;
  }

  std::unique_ptr<ModelWorkspace> make_workspace() const override {
    return std::make_unique<Workspace>();
  }
  void tokenize(Pieces& pieces, ModelWorkspace& workspace, ModelOutput out) const override {
    auto& work = static_cast<Workspace&>(workspace).work;
    for (const Piece piece : pieces.list) {
      const std::string_view text = pieces.at(piece);
      const std::size_t code = language_code(text);
      if (code > 0) put(text.substr(0, code), piece.begin, piece.begin + code, out);
      const std::size_t begin = piece.begin + code;
      for (const auto& part : source_->encode(text.substr(code), work)) {
        put(part.text, begin + part.begin, begin + part.end, out);
      }
    }
  }

  std::string_view name() const noexcept override { return "Marian"; }
  std::optional<TokenId> id_of(std::string_view token) const noexcept override {
    return vocabulary_.find(token);
  }
  std::string_view token_of(TokenId id) const noexcept override {
    if (vocabulary_.has(id) || !is_piece(id)) return vocabulary_.at(id);
    return source_->file().pieces[static_cast<std::size_t>(id)].text;
  }
  /// Numbers that vocab.json leaves out are those of source.spm.
  bool has(TokenId id) const noexcept override { return vocabulary_.has(id) || is_piece(id); }
  std::size_t size() const noexcept override { return vocabulary_.size(); }
  std::size_t end() const noexcept override { return vocabulary_.end(); }

 private:
  struct Workspace final : ModelWorkspace {
    SentencePieceProcessor::Work work;
  };

  /// Bytes of ">>…<<" at the front of `text`; 0 for none.
  static std::size_t language_code(std::string_view text) {
    const std::size_t end = text.starts_with(">>") ? text.find("<<") : text.npos;
    return end == text.npos ? 0 : end + 2;
  }
  bool is_piece(TokenId id) const noexcept {
    return id >= 0 && static_cast<std::size_t>(id) < source_->file().pieces.size();
  }
  void put(std::string_view token, std::size_t begin, std::size_t end, ModelOutput out) const {
    out.ids.push_back(vocabulary_.find(token).value_or(unk_));
    if (!out.ranges) return;
    out.ranges->push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)});
  }

  std::shared_ptr<const SentencePieceProcessor> source_;
  Vocabulary vocabulary_;
  TokenId unk_ = 0;
};

void refuse(const ConfigValue& config) {
  if (config.flag_or("separate_vocabs", false)) {
    throw config.at("separate_vocabs")
        .error(Code::unsupported, "a vocabulary of its own for each language is not supported");
  }
  if (!config.has("sp_model_kwargs")) return;
  const ConfigValue settings = config.at("sp_model_kwargs");
  settings.require_object();
  if (settings.json().as_object().begin() == settings.json().as_object().end()) return;
  throw settings.error(Code::unsupported, "settings of SentencePiece (sampling) are not supported");
}

/// What `read` makes of a file's bytes; errors name the file.
template <class Read>
auto with_file(const fs::path& path, Read&& read) {
  try {
    return read(read_file(path.string(), limits::kTokenizerFile));
  } catch (const Error& error) {
    throw error.at({.file = path.string(), .offset = {}, .line = {}, .key = {}});
  }
}

}  // namespace

FolderFiles marian_files(SentencePiece source, Vocabulary vocabulary, std::string unk_token) {
  auto processor = std::make_shared<const SentencePieceProcessor>(std::move(source));
  FolderFiles out;
  out.parts.source = "SentencePiece and vocab.json";
  out.parts.model = std::make_unique<Marian>(processor, std::move(vocabulary), unk_token);
  out.parts.unk_token = std::move(unk_token);
  out.parts.eos_token = "</s>";
  out.parts.pad_token = "<pad>";
  out.parts.model_max_length = 512;
  // The decoder must know every special token, so it comes last.
  out.finish = [processor](TokenizerParts& parts) {
    std::set<std::string, std::less<>> specials;
    for (const auto& [id, token] : parts.added.all()) {
      if (parts.added.is_special(token.content)) specials.insert(token.content);
    }
    parts.decoder = make_marian_decoder(processor, std::move(specials));
    const auto eos = parts.eos_token ? parts.added.id_of(*parts.eos_token) : std::nullopt;
    if (!eos) return;
    parts.post_processor = make_template("A0e0", "A0B0e0", {{'e', {*parts.eos_token, *eos}}});
  };
  return out;
}

FolderFiles read_marian(const fs::path& folder, const ConfigValue& config) {
  for (const auto* name : {"source.spm", "target.spm", "vocab.json"}) {
    if (fs::exists(folder / name)) continue;
    throw Error(Code::not_found,
                "MarianTokenizer needs source.spm, target.spm and vocab.json; " +
                    std::string(name) + " is not there",
                {.file = folder.string()});
  }
  refuse(config);
  const auto parsed = [](const std::string& bytes) { return parse_sentencepiece(bytes); };
  with_file(folder / "target.spm",
            [&](const std::string& bytes) { return SentencePieceProcessor(parsed(bytes)); });
  auto source = with_file(folder / "source.spm", [&](const std::string& bytes) {
    return SentencePieceProcessor(parsed(bytes)).file();
  });
  return with_file(folder / "vocab.json", [&](const std::string& bytes) {
    return marian_files(std::move(source), read_vocabulary_object(JsonDocument(bytes).root(), ""),
                        config.text_or("unk_token", "<unk>"));
  });
}

}  // namespace typecase
