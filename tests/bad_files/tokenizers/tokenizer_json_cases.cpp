/// What can be wrong in a tokenizer.json, and what is said about it.
#include "bad_tokenizer.h"

#include <typecase/error.h>

#include <vector>

namespace typecase {

std::string good_tokenizer() {
  return R"({"version": "1.0", "truncation": null, "padding": null,
"added_tokens": [{"id": 6, "content": "<s>", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true}],
"normalizer": {"type": "Sequence", "normalizers": []},
"pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Digits", "individual_digits": true}, {"type": "Split", "pattern": {"String": " "}, "behavior": "Isolated", "invert": false}, {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true}]},
"post_processor": {"type": "Sequence", "processors": [{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true}, {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}], "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}], "special_tokens": {"<s>": {"id": "<s>", "ids": [6], "tokens": ["<s>"]}}}]},
"decoder": {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "x"}, "content": "y"}, {"type": "Strip", "content": "_", "start": 1, "stop": 0}]},
"model": {"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null, "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false, "ignore_merges": false,
"vocab": {"a": 0, "b": 1, "c": 2, "ab": 3, "abc": 4, "cc": 5},
"merges": ["a b", ["ab", "c"], "c c"]}})";
}

namespace {

std::string nested(int depth) {
  return R"({"model": )" + std::string(static_cast<std::size_t>(depth), '[') + "1";
}

const std::vector<BadTokenizer> kCases = {
    // The text as JSON.
    {"number at the top", "", "1", "expected an object at the top, found something else"},
    {"array at the top", "", "[]", "expected an object at the top, found something else"},
    {"no model", "", "{}", "the key 'model' is missing"},
    {"key twice at the top", "\"padding\"", "\"truncation\"",
     "the key 'truncation' is given twice"},
    {"key twice in the model", "\"dropout\"", "\"fuse_unk\"",
     "/model: the key 'fuse_unk' is given twice"},
    {"key twice in a part", "\"lstrip\"", "\"rstrip\"",
     "/added_tokens/0: the key 'rstrip' is given twice"},

    // Added tokens.
    {"added tokens no array", "\"added_tokens\": [", "\"added_tokens\": 3, \"x\": [",
     "/added_tokens: expected array, found integer"},
    {"added token no object", "\"added_tokens\": [", "\"added_tokens\": [7, ",
     "/added_tokens/0: expected object, found integer"},
    {"added token without id", "\"id\": 6, \"content\"", "\"content\"",
     "/added_tokens/0: the key 'id' is missing"},
    {"added token's id a string", "\"id\": 6, \"content\"", "\"id\": \"6\", \"content\"",
     "/added_tokens/0/id: expected integer, found string"},
    {"added token without content", "\"content\": \"<s>\", ", "",
     "/added_tokens/0: the key 'content' is missing"},
    {"added token's content null", "\"content\": \"<s>\"", "\"content\": null",
     "/added_tokens/0/content: expected string, found null"},
    {"added token's flag a number", "\"single_word\": false", "\"single_word\": 0",
     "/added_tokens/0/single_word: expected boolean, found integer"},
    {"added token without special", ", \"special\": true", "",
     "/added_tokens/0: the key 'special' is missing"},
    {"added token of 65,537 bytes", "\"content\": \"<s>\"",
     "\"content\": \"" + std::string(65537, 'x') + "\"",
     "/added_tokens/0/content: the token has 65537 bytes, the limit is 65536"},

    // Normalizers.
    {"normalizer a string", "\"normalizer\": {\"type\": \"Sequence\", \"normalizers\": []}",
     "\"normalizer\": \"NFC\"", "/normalizer: expected object, found string"},
    {"normalizer without type", "{\"type\": \"Sequence\", \"normalizers\": []}", "{}",
     "/normalizer: the key 'type' is missing"},
    {"unknown normalizer", "\"normalizers\": []", "\"normalizers\": [{\"type\": \"Rot13\"}]",
     "/normalizer/normalizers/0/type: the normalizer 'Rot13' is not supported"},
    {"normalizers no array", "\"normalizers\": []", "\"normalizers\": {}",
     "/normalizer/normalizers: expected array, found object"},
    {"control characters are escaped", "\"normalizers\": []",
     "\"normalizers\": [{\"type\": \"a\\u001b[2J\"}]",
     "/normalizer/normalizers/0/type: the normalizer 'a\\x1b[2J' is not supported"},

    // Pre-tokenizers.
    {"unknown pre-tokenizer", "\"type\": \"Digits\"", "\"type\": \"Fingers\"",
     "/pre_tokenizer/pretokenizers/0/type: the pre-tokenizer 'Fingers' is not supported"},
    {"pre-tokenizer's type a list", "\"type\": \"Digits\"", "\"type\": []",
     "/pre_tokenizer/pretokenizers/0/type: expected string, found array"},
    {"Digits without its flag", "\"individual_digits\"", "\"x\"",
     "/pre_tokenizer/pretokenizers/0: the key 'individual_digits' is missing"},
    {"Digits' flag null", "\"individual_digits\": true", "\"individual_digits\": null",
     "/pre_tokenizer/pretokenizers/0/individual_digits: expected boolean, found null"},
    {"Split without pattern", "\"pattern\": {\"String\": \" \"}, ", "",
     "/pre_tokenizer/pretokenizers/1: the key 'pattern' is missing"},
    {"Split's pattern a string", "\"pattern\": {\"String\": \" \"}", "\"pattern\": \" \"",
     "/pre_tokenizer/pretokenizers/1/pattern: expected object, found string"},
    {"Split's pattern neither String nor Regex", "{\"String\": \" \"}", "{\"Glob\": \" \"}",
     "/pre_tokenizer/pretokenizers/1/pattern: the key 'Regex' is missing"},
    {"Split's literal a number", "{\"String\": \" \"}", "{\"String\": 1}",
     "/pre_tokenizer/pretokenizers/1/pattern/String: expected string, found integer"},
    {"Split with an open group", "{\"String\": \" \"}", "{\"Regex\": \"(a+\"}",
     "/pre_tokenizer/pretokenizers/1/pattern/Regex: the pattern '(a+' does not compile: end "
     "pattern "
     "with unmatched parenthesis"},
    {"Split with an unknown class", "{\"String\": \" \"}", "{\"Regex\": \"\\\\p{Klingon}\"}",
     "/pre_tokenizer/pretokenizers/1/pattern/Regex: the pattern '\\\\p{Klingon}' does not compile: "
     "invalid character property name {Klingon}"},
    {"Split with two patterns", "{\"String\": \" \"}", "{\"String\": \" \", \"Regex\": \" \"}",
     "/pre_tokenizer/pretokenizers/1/pattern: expected one key, String or Regex, found 2"},
    {"Split with an unknown behavior", "\"Isolated\"", "\"Glued\"",
     "/pre_tokenizer/pretokenizers/1/behavior: expected Removed, Isolated, MergedWithPrevious, "
     "MergedWithNext or Contiguous, found 'Glued'"},
    {"Split without invert", ", \"invert\": false", "",
     "/pre_tokenizer/pretokenizers/1: the key 'invert' is missing"},
    {"ByteLevel without add_prefix_space", "\"add_prefix_space\": false, ", "",
     "/pre_tokenizer/pretokenizers/2: the key 'add_prefix_space' is missing"},
    {"ByteLevel's use_regex a string", "\"use_regex\": true", "\"use_regex\": \"yes\"",
     "/pre_tokenizer/pretokenizers/2/use_regex: expected boolean, found string"},

    // Post-processors.
    {"unknown post-processor", "\"type\": \"TemplateProcessing\"", "\"type\": \"Sticker\"",
     "/post_processor/processors/1/type: the post-processor 'Sticker' is not supported"},
    {"ByteLevel's trim_offsets missing", "\"add_prefix_space\": true, \"trim_offsets\": true",
     "\"add_prefix_space\": true",
     "/post_processor/processors/0: the key 'trim_offsets' is missing"},
    {"template with an unknown token", "{\"SpecialToken\": {\"id\": \"<s>\"",
     "{\"SpecialToken\": {\"id\": \"<t>\"",
     "/post_processor/processors/1/single/0/SpecialToken/id: the template uses '<t>', which "
     "special_tokens does not list"},
    {"template of a third text", "{\"Sequence\": {\"id\": \"B\"", "{\"Sequence\": {\"id\": \"C\"",
     "/post_processor/processors/1/pair/1/Sequence/id: expected A or B, found 'C'"},
    {"template's type id negative", "{\"id\": \"B\", \"type_id\": 1}",
     "{\"id\": \"B\", \"type_id\": -1}",
     "/post_processor/processors/1/pair/1/Sequence/type_id: expected 0 to 255"},
    {"template's type id 256", "{\"id\": \"B\", \"type_id\": 1}",
     "{\"id\": \"B\", \"type_id\": 256}",
     "/post_processor/processors/1/pair/1/Sequence/type_id: expected 0 to 255"},
    {"template without pair", "\"pair\": [", "\"par\": [",
     "/post_processor/processors/1: the key 'pair' is missing"},
    {"template item of another kind", "{\"Sequence\": {\"id\": \"B\"", "{\"Text\": {\"id\": \"B\"",
     "/post_processor/processors/1/pair/1: the key 'SpecialToken' is missing"},
    {"special token without ids", "\"ids\": [6], ", "",
     "/post_processor/processors/1/special_tokens/<s>: the key 'ids' is missing"},
    {"special token with more ids than tokens", "\"ids\": [6]", "\"ids\": [6, 5]",
     "/post_processor/processors/1/special_tokens/<s>: ids has 2 elements, tokens has 1"},
    {"special token's id negative", "\"ids\": [6]", "\"ids\": [-6]",
     "/post_processor/processors/1/special_tokens/<s>/ids/0: expected a token id, found -6"},
    {"special token's id over 31 bits", "\"ids\": [6]", "\"ids\": [2147483648]",
     "/post_processor/processors/1/special_tokens/<s>/ids/0: expected a token id, found "
     "2147483648"},
    {"special token's id a fraction", "\"ids\": [6]", "\"ids\": [6.5]",
     "/post_processor/processors/1/special_tokens/<s>/ids/0: expected integer, found number"},

    // Decoders.
    {"unknown decoder", "\"type\": \"Strip\"", "\"type\": \"Paint\"",
     "/decoder/decoders/1/type: the decoder 'Paint' is not supported"},
    {"Strip with two characters", "\"content\": \"_\"", "\"content\": \"__\"",
     "/decoder/decoders/1/content: expected one character, found '__'"},
    {"Strip with none", "\"content\": \"_\"", "\"content\": \"\"",
     "/decoder/decoders/1/content: expected one character, found ''"},
    {"Strip a negative number of times", "\"start\": 1", "\"start\": -1",
     "/decoder/decoders/1/start: expected 0 or more, found -1"},
    {"Strip without stop", ", \"stop\": 0", "", "/decoder/decoders/1: the key 'stop' is missing"},
    {"Replace with an open bracket", "\"pattern\": {\"String\": \"x\"}",
     "\"pattern\": {\"Regex\": \"[x\"}",
     "/decoder/decoders/0/pattern/Regex: the pattern '[x' does not compile: premature end of "
     "char-class"},
    {"Replace without content", ", \"content\": \"y\"", "",
     "/decoder/decoders/0: the key 'content' is missing"},
    {"decoders a string", "\"decoders\": [", "\"decoders\": \"x\", \"y\": [",
     "/decoder/decoders: expected array, found string"},

    // The model.
    {"model null", "", R"({"model": null})", "/model: expected object, found null"},
    {"model a list", "", R"({"model": []})", "/model: expected object, found array"},
    {"unknown model", "\"type\": \"BPE\"", "\"type\": \"Markov\"",
     "/model/type: the model 'Markov' is not supported"},
    {"model's type a number", "\"type\": \"BPE\"", "\"type\": 3",
     "/model/type: expected string, found integer"},
    {"dropout", "\"dropout\": null", "\"dropout\": 0.1",
     "/model/dropout: dropout is for training; set it to null"},
    {"dropout a string", "\"dropout\": null", "\"dropout\": \"0\"",
     "/model/dropout: expected number, found string"},
    {"unk_token a number", "\"unk_token\": null", "\"unk_token\": 0",
     "/model/unk_token: expected string, found integer"},
    {"fuse_unk a string", "\"fuse_unk\": false", "\"fuse_unk\": \"no\"",
     "/model/fuse_unk: expected boolean, found string"},
    {"no vocabulary", "\"vocab\": {", "\"words\": {", "/model: the key 'vocab' is missing"},
    {"vocabulary a list", "\"vocab\": {", "\"vocab\": [], \"x\": {",
     "/model/vocab: expected object, found array"},
    {"token twice", "\"abc\": 4", "\"ab\": 4", "/model/vocab: the token 'ab' is given twice"},
    {"token twice, once escaped", "\"abc\": 4", "\"\\u0061b\": 4",
     "/model/vocab: the token 'ab' is given twice"},
    {"id twice", "\"abc\": 4", "\"abc\": 3",
     "/model/vocab: the id 3 is given to 'ab' and to 'abc'"},
    {"id negative", "\"abc\": 4", "\"abc\": -4",
     "/model/vocab: the id of 'abc' is no integer from 0 up"},
    {"id a fraction", "\"abc\": 4", "\"abc\": 4.0",
     "/model/vocab: the id of 'abc' is no integer from 0 up"},
    {"id a string", "\"abc\": 4", "\"abc\": \"4\"",
     "/model/vocab: the id of 'abc' is no integer from 0 up"},
    {"id at the limit", "\"abc\": 4", "\"abc\": 4000000",
     "/model/vocab: the id of 'abc' is 4000000, the limit is 3999999"},
    {"id over 63 bits", "\"abc\": 4", "\"abc\": 18446744073709551615",
     "/model/vocab: the id of 'abc' is no integer from 0 up"},
    {"token of 65,537 bytes", "\"abc\": 4", "\"" + std::string(65537, 'x') + "\": 4",
     "/model/vocab: the token " + quote(std::string(65537, 'x')) +
         " has 65537 bytes, the limit is 65536"},
    {"no merges", "\"merges\": [", "\"joins\": [", "/model: the key 'merges' is missing"},
    {"merges an object", "\"merges\": [", "\"merges\": {}, \"x\": [",
     "/model/merges: expected array, found object"},
    {"merge of an unknown token", "\"c c\"", "\"c d\"",
     "/model/merges/2: the merge of 'c' and 'd' needs the token 'd', which is not in the "
     "vocabulary"},
    {"merge to an unknown token", "\"c c\"", "\"a c\"",
     "/model/merges/2: the merge of 'a' and 'c' needs the token 'ac', which is not in the "
     "vocabulary"},
    {"merge of nothing", "\"c c\"", "\" \"",
     "/model/merges/2: the merge of '' and '' needs the token '', which is not in the vocabulary"},
    {"merge without space", "\"c c\"", "\"cc\"",
     "/model/merges/2: expected two parts with one space between, found 'cc'"},
    {"merge of three", "\"c c\"", "\"c c c\"",
     "/model/merges/2: expected two parts with one space between, found 'c c c'"},
    {"merge a number", "\"c c\"", "5", "/model/merges/2: expected a string or a pair of strings"},
    {"merge of one in a list", "\"c c\"", "[\"c\"]", "/model/merges/2: expected two strings"},
    {"merge of three in a list", "\"c c\"", "[\"c\", \"c\", \"c\"]",
     "/model/merges/2: expected two strings"},
    {"merge of a number and a string", "\"c c\"", "[1, \"c\"]",
     "/model/merges/2: expected two strings"},
    {"merge shorter than the prefix", "\"continuing_subword_prefix\": null",
     "\"continuing_subword_prefix\": \"##\"",
     "/model/merges/0: the merge's right part 'b' is shorter than continuing_subword_prefix"},
};

}  // namespace

std::span<const BadTokenizer> bad_tokenizers() { return kCases; }

std::string deep_json() { return nested(100'000); }

}  // namespace typecase
