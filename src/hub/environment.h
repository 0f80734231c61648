#pragma once

#include "hub/http.h"
#include "hub/url.h"

#include <string>

namespace typecase::hub {

/// What the environment says about the hub: the variables that huggingface_hub reads.
struct Settings {
  Url endpoint;                ///< HF_ENDPOINT; its target is a path without the last '/'
  std::string token;           ///< HF_TOKEN, else the token file; "" without one
  bool offline = false;        ///< HF_HUB_OFFLINE, TRANSFORMERS_OFFLINE
  bool links = true;           ///< not HF_HUB_DISABLE_SYMLINKS
  bool through_proxy = false;  ///< some proxy variable is set
  HttpSettings http;
};

/// Throws Error(invalid_argument) naming the variable that holds nonsense.
Settings settings_from_environment();

/// HF_HUB_OFFLINE, and where that is not set TRANSFORMERS_OFFLINE: 1, ON, YES or TRUE in any case.
bool is_offline();

}  // namespace typecase::hub
