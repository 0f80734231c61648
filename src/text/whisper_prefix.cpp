#include "text/whisper_prefix.h"

#include <typecase/error.h>

#include <algorithm>
#include <sstream>

namespace typecase {
namespace {

// code=name, in the order of the ids behind the start of a transcript.
constexpr const char* kLanguages =
    "en=english zh=chinese de=german es=spanish ru=russian ko=korean fr=french ja=japanese "
    "pt=portuguese tr=turkish pl=polish ca=catalan nl=dutch ar=arabic sv=swedish it=italian "
    "id=indonesian hi=hindi fi=finnish vi=vietnamese he=hebrew uk=ukrainian el=greek ms=malay "
    "cs=czech ro=romanian da=danish hu=hungarian ta=tamil no=norwegian th=thai ur=urdu "
    "hr=croatian bg=bulgarian lt=lithuanian la=latin mi=maori ml=malayalam cy=welsh sk=slovak "
    "te=telugu fa=persian lv=latvian bn=bengali sr=serbian az=azerbaijani sl=slovenian "
    "kn=kannada et=estonian mk=macedonian br=breton eu=basque is=icelandic hy=armenian "
    "ne=nepali mn=mongolian bs=bosnian kk=kazakh sq=albanian sw=swahili gl=galician "
    "mr=marathi pa=punjabi si=sinhala km=khmer sn=shona yo=yoruba so=somali af=afrikaans "
    "oc=occitan ka=georgian be=belarusian tg=tajik sd=sindhi gu=gujarati am=amharic "
    "yi=yiddish lo=lao uz=uzbek fo=faroese ht=haitian_creole ps=pashto tk=turkmen nn=nynorsk "
    "mt=maltese sa=sanskrit lb=luxembourgish my=myanmar bo=tibetan tl=tagalog mg=malagasy "
    "as=assamese tt=tatar haw=hawaiian ln=lingala ha=hausa ba=bashkir jw=javanese "
    "su=sundanese yue=cantonese ";
constexpr const char* kOtherNames =
    "my=burmese ca=valencian nl=flemish ht=haitian lb=letzeburgesch ps=pushto pa=panjabi "
    "ro=moldavian ro=moldovan si=sinhalese es=castilian zh=mandarin";

/// The code of a language that is given by code or name; `where` becomes its place.
std::string find_language(const char* list, std::string_view wanted, TokenId& where) {
  std::istringstream words{std::string(list)};
  where = 0;
  for (std::string word; words >> word; ++where) {
    const std::size_t equals = word.find('=');
    std::string name = word.substr(equals + 1);
    std::ranges::replace(name, '_', ' ');
    if (wanted == name || wanted == word.substr(0, equals)) return word.substr(0, equals);
  }
  return {};
}

TokenId language_place(const ConfigValue& config) {
  std::string wanted = config.text();
  std::ranges::transform(wanted, wanted.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? char(c + ('a' - 'A')) : c; });
  TokenId place = 0;
  if (!find_language(kLanguages, wanted, place).empty()) return place;
  const std::string code = find_language(kOtherNames, wanted, place);
  if (code.empty() || find_language(kLanguages, code, place).empty()) {
    throw config.error(Code::bad_file, "Whisper has no language " + quote(config.text()));
  }
  return place;
}

NamedId at(const TokenizerParts& parts, TokenId id) {
  const auto added = parts.added.all().find(id);
  if (added != parts.added.all().end()) return {added->second.content, id};
  if (!parts.model->has(id)) {
    throw Error(Code::bad_file, "the vocabulary has no token " + std::to_string(id) +
                                    ", which Whisper's class puts in front of every text");
  }
  return {std::string(parts.model->token_of(id)), id};
}

/// The id of a token, or the unknown token's, as the reference looks it up.
TokenId id_of(const TokenizerParts& parts, std::string_view token) {
  if (const auto id = parts.added.id_of(token)) return *id;
  if (const auto id = parts.model->id_of(token)) return *id;
  if (parts.unk_token) {
    if (const auto id = parts.added.id_of(*parts.unk_token)) return *id;
  }
  throw Error(Code::bad_file, "the vocabulary has no token " + quote(token) +
                                  ", which Whisper's class puts in front of every text");
}

}  // namespace

std::vector<NamedId> whisper_prefix(const ConfigValue& config, const TokenizerParts& parts) {
  const TokenId start = id_of(parts, "<|startoftranscript|>");
  std::vector<NamedId> out = {at(parts, start)};
  if (config.has("language")) {
    out.push_back(at(parts, start + 1 + language_place(config.at("language"))));
  }
  if (config.has("task")) {
    const ConfigValue task = config.at("task");
    if (task.text() != "translate" && task.text() != "transcribe") {
      throw task.error(Code::bad_file,
                       "expected translate or transcribe, found " + quote(task.text()));
    }
    out.push_back(at(parts, id_of(parts, "<|" + task.text() + "|>")));
  }
  if (!config.flag_or("predict_timestamps", false)) {
    out.push_back(at(parts, id_of(parts, "<|notimestamps|>")));
  }
  return out;
}

}  // namespace typecase
