#include "text/postprocessors/postprocessor.h"

namespace typecase {
namespace {

using Maker = std::unique_ptr<PostProcessor> (*)(const ConfigValue&);

constexpr std::pair<std::string_view, Maker> kPostProcessors[] = {
    {"BertProcessing", make_bert_processing},         {"ByteLevel", make_byte_level_post_processor},
    {"RobertaProcessing", make_roberta_processing},   {"Sequence", make_post_processor_sequence},
    {"TemplateProcessing", make_template_processing},
};

}  // namespace

std::unique_ptr<PostProcessor> make_post_processor(const ConfigValue& config) {
  const auto type = config.at("type");
  for (const auto& [name, make] : kPostProcessors) {
    if (type.text() == name) return make(config);
  }
  throw type.error(Code::unsupported,
                   "the post-processor " + quote(type.text()) + " is not supported");
}

}  // namespace typecase
