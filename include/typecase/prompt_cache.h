#pragma once

#include <typecase/token.h>

#include <cstddef>
#include <functional>
#include <memory>

namespace typecase {

class Model;

/// The keys and values of a text, kept between calls of Model::generate(), so that each call
/// computes only the tokens that the text before it did not have: a conversation that grows by
/// turns, an answer taken up again at an earlier token.
///
///     PromptCache cache(model);
///     request.prompt_cache = &cache;
///     model.generate(request);        // computes the whole prompt
///     … longer prompt …
///     model.generate(request);        // computes what is new
///
/// The tokens chosen are those of a call without it: a token's numbers do not depend on where its
/// prefix came from. It works for one prompt without masked ids; other calls neither use nor change
/// it. Models whose rotary positions depend on the length of the text (dynamic, longrope) compute
/// everything again. Movable. Not for use from two threads at once.
class PromptCache {
 public:
  /// REQUIRES: `model` outlives this object.
  explicit PromptCache(const Model& model);
  PromptCache(PromptCache&&) noexcept;
  PromptCache& operator=(PromptCache&&) noexcept;
  ~PromptCache();

  const Tokens& tokens() const noexcept;  ///< the text it holds
  std::size_t reused() const noexcept;    ///< tokens that the last call found here

  /// Holds `ids` but the last from now on; computes what it lacks in pieces, and asks between them
  /// whether to stop. False when stopped; what was computed stays. Throws as Model::generate().
  bool read(const Tokens& ids, const std::function<bool()>& should_stop = {});

  void clear() noexcept;

  struct Parts;  ///< the library's own: src/engine/kept_prompt.h

 private:
  friend class Model;
  std::unique_ptr<Parts> parts_;
};

}  // namespace typecase
