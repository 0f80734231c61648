#include "base/thread_pool.h"
#include "text/tokenizer_impl.h"

#include <algorithm>
#include <exception>

namespace typecase {

std::vector<Tokens> Tokenizer::encode_ids_batch(std::span<const std::string_view> texts,
                                                bool add_special_tokens, int threads) const {
  std::vector<Tokens> out(texts.size());
  std::vector<std::exception_ptr> failed(texts.size());
  ThreadPool pool(threads);
  // Neighbours share a task, so that short texts cost no hand-over each; many tasks a thread, so
  // that one long text does not leave the others idle.
  const std::size_t tasks = std::min(texts.size(), static_cast<std::size_t>(pool.threads()) * 32);
  pool.run(static_cast<int>(tasks), [&](int task, int) {
    const auto number = static_cast<std::size_t>(task);
    const std::size_t end = texts.size() * (number + 1) / tasks;
    for (std::size_t i = texts.size() * number / tasks; i < end; ++i) {
      try {
        out[i] = encode_ids(texts[i], add_special_tokens);
      } catch (...) {
        failed[i] = std::current_exception();
      }
    }
  });
  for (const auto& error : failed) {
    if (error) std::rethrow_exception(error);
  }
  return out;
}

}  // namespace typecase
