#include "text/unicode/property.h"
namespace typecase::unicode::tables {
const Property kProperties[1] = {{"zzz", 0, 0}};
const std::size_t kPropertiesSize = 1;
const std::uint32_t kPropertyRanges[1] = {0};
const std::size_t kPropertyRangesSize = 0;
}
