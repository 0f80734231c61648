#pragma once

#include "text/chat/text.h"
#include "text/chat/value.h"

#include <typecase/chat.h>

#include <string_view>

namespace typecase::chat {

/// The messages as a template sees them: keys that are null dropped, reasoning under all its names.
/// Throws Error(invalid_argument) for what is no conversation.
Json normalised(const Json& messages);

/// Marks where the last message ends, so that the text behind it can be cut off.
///
/// The reference appends a tag to the message, renders, and cuts at the tag; a template that
/// measures or slices the message sees it, so it is done in the same way.
class Continuation {
 public:
  /// Appends the tag to `field` of the last message.   REQUIRES: messages are normalised.
  Continuation(Json& messages, std::string_view field, std::string_view template_source);
  /// Ends `rendered` where the message ends.
  void cut(Text& rendered) const;

 private:
  std::string message_{};  // the text that is continued
};

/// Throws Error(invalid_argument) unless `list` is null or a list of objects.
void check_objects(const Json& list, std::string_view what);

/// The caller's data as a value; its texts are marked as the caller's when `from_caller`.
Value value_of(const Json& json, Meter* meter, bool from_caller);

}  // namespace typecase::chat
