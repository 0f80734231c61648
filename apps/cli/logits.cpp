#include "batch.h"
#include "commands.h"
#include "request_fields.h"
#include "shared_options.h"
#include "terminal.h"
#include "text_rows.h"

#include <typecase/error.h>
#include <typecase/model.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <numeric>

namespace typecase::cli {
namespace {

/// A candidate for the next token.
struct Candidate {
  TokenId id;
  float logit;
  double probability;
};

// The `count` best of a row with p = softmax(logits); of equal ones the lower id first.
std::vector<Candidate> best(const std::vector<float>& logits, std::size_t count) {
  const float highest = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (const float v : logits) sum += std::exp(static_cast<double>(v) - highest);

  std::vector<TokenId> order(logits.size());
  std::iota(order.begin(), order.end(), 0);
  count = std::min(count, order.size());
  const auto at = [&logits](TokenId id) { return logits[static_cast<std::size_t>(id)]; };
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
                    [&](TokenId a, TokenId b) { return at(a) != at(b) ? at(a) > at(b) : a < b; });
  std::vector<Candidate> out;
  for (std::size_t i = 0; i < count; ++i) {
    const float logit = at(order[i]);
    out.push_back({order[i], logit, std::exp(static_cast<double>(logit) - highest) / sum});
  }
  return out;
}

// [row][position][vocabulary], written straight into the line: a tree of Json values would need
// ten times the memory.
void append_logits(std::string& members, const std::vector<std::vector<std::vector<float>>>& all) {
  const auto list = [&members](const auto& items, const auto& append) {
    members += '[';
    bool first = true;
    for (const auto& item : items) {
      if (!first) members += ", ";
      append(item);
      first = false;
    }
    members += ']';
  };
  members += ", \"logits\": ";
  list(all, [&](const auto& row) {
    list(row, [&](const auto& position) {
      list(position, [&](float value) { Json(value).dump_to(members); });
    });
  });
}

struct Logits {
  ModelFlags model{};
  TalkFlags talk{};
  BatchFlags requests{};
  TextFlags text{};
  std::string input_ids{};
  int top = 10;
  bool json = false;

  int operator()(Output& out) { return requests.wanted() ? batch(out) : one(out); }
  int batch(Output& out);
  int one(Output& out);
};

int Logits::batch(Output& out) {
  std::optional<Model> opened;
  const auto answer_with = [&]() -> Answer {
    opened.emplace(model.open(talk));
    return [&](const Json& request, std::string& members) {
      const auto ids = token_rows(request, "input_ids");
      std::vector<Tokens> decoder_ids;
      if (optional_member(request, "decoder_input_ids") != nullptr) {
        decoder_ids = token_rows(request, "decoder_input_ids");
      }
      const auto mask = mask_rows(request, "attention_mask", ids);
      append_logits(members, opened->logits(ids, mask, decoder_ids));
    };
  };
  return answer_requests(requests, out, answer_with);
}

std::string fixed(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.insert(0, width - text.size(), ' ');
  return text;
}

int Logits::one(Output& out) {
  Json request = Json::object();
  if (input_ids.empty()) {
    request.set("text", text.read());
  } else {
    request.set("input_ids", json_option("--input-ids", "a list like [[1, 2]]", input_ids));
  }
  const Model opened = model.open(talk);
  const Tokens ids = input_ids.empty()
                         ? text_rows(opened.tokenizer(), texts_of(request, "text")).input_ids.at(0)
                         : token_rows(request, "input_ids").at(0);
  const auto rows = opened.logits({ids});
  const auto candidates = best(rows.at(0).back(), static_cast<std::size_t>(top));

  Json::Array list;
  for (const Candidate& c : candidates) {
    const std::string token = opened.tokenizer().decode(Tokens{c.id});
    if (json) {
      list.emplace_back(Json::Object{
          {"id", c.id}, {"token", token}, {"logit", c.logit}, {"probability", c.probability}});
    } else {
      out << padded(fixed(100 * c.probability, 2), 6) << " %  " << padded(fixed(c.logit, 3), 9)
          << padded(std::to_string(c.id), 9) << "  "
          << paint(Stream::output, Paint::cyan, Json(token).dump()) << "\n";
    }
  }
  if (json) {
    out << Json(Json::Object{{"input_ids", Json::array_of(ids)}, {"top", std::move(list)}}).dump()
        << "\n";
  }
  return 0;
}

}  // namespace

Action declare_logits(Options& table) {
  const auto logits = std::make_shared<Logits>();
  logits->text.add_to(table, "TEXT");
  table.text("input-ids", "[[ID]]", "token ids instead of a text", logits->input_ids);
  table.integer("top", "N", "how many candidates to show (10)", logits->top, 1, 1 << 20, 'n');
  table.flag("json", "as one JSON document", logits->json);
  logits->talk.add_to(table);
  logits->model.add_to(table);
  logits->requests.add_to(table);
  return [logits](Output& out) { return (*logits)(out); };
}

}  // namespace typecase::cli
