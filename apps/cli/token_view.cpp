#include "token_view.h"

#include "columns.h"
#include "terminal.h"

#include <algorithm>

namespace typecase::cli {
namespace {

constexpr std::size_t kWidestCell = 24;

// Black on backgrounds that differ in lightness too.
constexpr std::string_view kBackgrounds[] = {"\033[30;46m", "\033[30;43m", "\033[30;42m",
                                             "\033[30;45m"};

/// The two lines that are being filled.
class Rows {
 public:
  explicit Rows(std::size_t columns) : columns_(columns), colours_(coloured(Stream::output)) {}

  void add(const std::string& text, const std::string& id, bool ends_line) {
    const std::size_t width =
        std::clamp<std::size_t>(std::max(width_of(text), id.size()), 1, kWidestCell);
    if (used_ > 0 && used_ + width + 1 > columns_) flush();
    if (used_ > 0 && !colours_) {
      texts_ += "│";
      ids_ += "│";
    }
    // Text stands at the left, its id at the right.
    const std::string shown = fit(text, width);
    if (colours_) {
      texts_ += std::string(kBackgrounds[count_ % std::size(kBackgrounds)]) + shown + "\033[0m ";
      ids_ += "\033[2m" + fit_right(id, width) + "\033[0m ";
    } else {
      texts_ += shown;
      ids_ += fit_right(id, width);
    }
    used_ += width + 1;
    ++count_;
    if (ends_line) flush();
  }

  void flush() {
    if (used_ == 0) return;
    out_ += texts_ + "\n" + ids_ + "\n";
    texts_.clear();
    ids_.clear();
    used_ = 0;
  }

  std::string take() {
    flush();
    return std::move(out_);
  }

 private:
  std::size_t columns_;
  bool colours_;
  std::string texts_{}, ids_{}, out_{};
  std::size_t used_ = 0;
  std::size_t count_ = 0;
};

}  // namespace

std::string token_cells(const Tokenizer& tokenizer, const Tokens& ids, std::size_t columns) {
  Rows rows(columns);
  for (const TokenId id : ids) {
    const std::string text = tokenizer.decode(Tokens{id});
    // Every space shows, those inside too: cells have spaces of their own.
    rows.add(visible(text), std::to_string(id), text.ends_with('\n'));
  }
  return rows.take();
}

}  // namespace typecase::cli
