#pragma once

#include <cstdint>
#include <string>

namespace typecase::cli {

/// In powers of 1000, as disks and downloads count: "497.8 MB".
std::string bytes_for_people(std::int64_t bytes);

}  // namespace typecase::cli
