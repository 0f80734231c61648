#pragma once

#include "text/folder_files.h"
#include "text/sentencepiece_processor.h"
#include "text/vocabulary.h"

#include <filesystem>

namespace typecase {

/// The tokenizer of translation models trained with Marian, as the reference's MarianTokenizer
/// reads the folder: source.spm cuts text into pieces, vocab.json numbers them.
///
///     ">>fra<< The rain"  ─►  >>fra<<  ▁The  ▁rain  </s>
///
/// A language code in front of a stretch between special tokens is a token of its own. A piece
/// that vocab.json lacks is the unknown token. Decoding goes by source.spm too, whatever language
/// the answer is in: the reference does so unless it is asked not to. target.spm must be there.
///
/// Throws Error, with the file, for files that are missing or malformed, and Error(unsupported) for
/// a config with separate_vocabs or sp_model_kwargs.
FolderFiles read_marian(const std::filesystem::path& folder, const ConfigValue& config);

/// The same of what the files hold; `unk_token` is a string of `vocabulary`.
/// Throws Error(bad_file) where it is not.
FolderFiles marian_files(SentencePiece source, Vocabulary vocabulary, std::string unk_token);

}  // namespace typecase
