#pragma once

#include "text/chat/ast.h"
#include "text/chat/builtin.h"
#include "text/chat/meter.h"
#include "text/chat/value.h"

#include <optional>

namespace typecase::chat {

/// The variables of one scope while it is entered. Scopes are found by where they stand in the
/// source, so a macro sees what surrounds its definition and not its caller.
struct Frame {
  std::vector<std::pair<NameId, Value>> variables{};
  std::shared_ptr<Frame> outer{};  // nullptr: the template's top level

  const Value* find(NameId name) const noexcept;
  void set(NameId name, Value value);
};
using FramePtr = std::shared_ptr<Frame>;

/// The variable `loop`.
struct Loop final : Object {
  std::vector<Value> items{};
  std::int64_t index0 = 0;
  std::int64_t depth0 = 0;
  const For* recursive = nullptr;  // when the loop may call itself
  FramePtr outer{};
  Value last_changed{};
};

struct MacroObject final : Object {
  std::shared_ptr<const Callable> callable{};
  FramePtr outer{};
};

inline constexpr int kMaxCallDepth = 200;    // macros, calls and recursive loops
inline constexpr int kMaxEvaluation = 4000;  // nested statements and expressions being run

/// Runs one template once. Statements: statements.cpp; expressions: expressions.cpp; what is called
/// and looked up: calls.cpp.
class Interpreter {
 public:
  /// REQUIRES: `program` and `meter` outlive the interpreter and every value it made.
  Interpreter(const Program& program, Meter& meter, const std::optional<ClockTime>& now);
  ~Interpreter();

  void define(std::string_view name, Value value);  // a variable of the whole template
  Text run(Spans& generation);

  // For built-ins.
  Meter& meter() noexcept { return meter_; }
  Value call(const Value& callee, std::vector<Value> args, std::vector<Keyword> keywords = {});
  Value attribute(const Value& of, std::string_view name);  // of.name
  Value item(const Value& of, const Value& index);          // of[index]
  Value run_builtin(const Builtin& builtin, Value self, std::vector<Value> args,
                    std::vector<Keyword> keywords = {});
  Value text_value(Text text, bool markup = false) {
    return Value::string(std::move(text), &meter_, markup);
  }
  bool autoescape() const noexcept { return autoescape_; }
  ClockTime now() const { return now_ ? *now_ : ClockTime::now(); }
  /// Keeps a value that may be part of a ring alive until the end, where rings are cut.
  void remember(std::shared_ptr<Namespace> space) { namespaces_.push_back(std::move(space)); }
  void remember(std::shared_ptr<Loop> loop) { loops_.push_back(std::move(loop)); }

 private:
  enum class Flow { normal, leave, again };  // after break, after continue

  /// Counts the depth of evaluation while it lives.
  class Deeper {
   public:
    explicit Deeper(Interpreter& in);
    ~Deeper() { --in_.depth_; }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;

   private:
    Interpreter& in_;
  };
  /// Enters a frame while it lives.
  class Scope {
   public:
    Scope(Interpreter& in, FramePtr frame) : in_(in), saved_(std::move(in.frame_)) {
      in_.frame_ = std::move(frame);
    }
    ~Scope() { in_.frame_ = std::move(saved_); }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Interpreter& in_;
    FramePtr saved_;
  };
  /// Collects output while it lives.
  class Capture {
   public:
    explicit Capture(Interpreter& in) : in_(in), saved_(std::exchange(in.out_, &text)) {}
    ~Capture() { in_.out_ = saved_; }
    Capture(const Capture&) = delete;
    Capture& operator=(const Capture&) = delete;
    Text text{};

   private:
    Interpreter& in_;
    Text* saved_;
  };

  // Statements
  Flow run(const Body& body);
  Flow run(const Statement& statement);
  Flow exec(const Data& data);
  Flow exec(const Print& print);
  Flow exec(const Set& set);
  Flow exec(const SetBlock& block);
  Flow exec(const If& branches);
  Flow exec(const For& loop);
  Flow exec(const MacroDefinition& definition);
  Flow exec(const CallBlock& block);
  Flow exec(const FilterBlock& block);
  Flow exec(const With& with);
  Flow exec(const AutoEscape& escape);
  Flow exec(const NamedBlock& block);
  Flow exec(const Generation& generation);
  Flow exec(const Break&) { return Flow::leave; }
  Flow exec(const Continue&) { return Flow::again; }
  [[noreturn]] Flow exec(const Refused& refused);
  void emit(const Text& text);
  void print(const Value& value);
  void iterate(const For& loop, const Value& over, std::int64_t depth0);
  Flow iterate_body(const For& loop, const std::shared_ptr<Loop>& state);
  std::vector<Value> filtered(const For& loop, std::vector<Value> items);
  void assign(const Expr& target, Value value);
  void assign_all(const Expr& targets, const Value& value);
  void assign_attribute(const Expr& target, Value value);
  FramePtr inner_frame() const;
  FramePtr captured();  // the current frame, kept because a macro may refer to it
  std::string name_of(NameId id) const { return program_.names[static_cast<std::size_t>(id)]; }

  // Expressions
  Value eval(const Expr& e);
  Value eval_or_none(const ExprPtr& e) { return e ? eval(*e) : Value::none(); }
  Value eval_name(const Expr& e);
  Value eval_items(const Expr& e);
  Value eval_dict(const Expr& e);
  Value eval_arithmetic(const Expr& e);
  Value eval_compare(const Expr& e);
  Value eval_concat(const Expr& e);
  Value eval_conditional(const Expr& e);
  Value eval_chain(const Expr& e, const Keyword* extra = nullptr);
  Value apply(const Link& link, Value value, const Keyword* extra);
  Value apply_all(const std::vector<Link>& links, Value value);
  Value indexed(const Value& value, const Link& link);
  bool method_call(const Link& attribute, const Link& call, Value& value);
  void eval_arguments(const Arguments& from, std::vector<Value>& args,
                      std::vector<Keyword>& keywords);
  void spread(const Value& value, std::vector<Keyword>& keywords);

  // Calls
  Value call_macro(const MacroObject& macro, std::vector<Value> args,
                   std::vector<Keyword> keywords);
  void bind_parameters(const MacroObject& macro, std::vector<Value>& args,
                       std::vector<Keyword>& keywords);
  void bind_rest(const Callable& callable, std::vector<Value>& args,
                 std::vector<Keyword>& keywords);
  Value call_loop(const Value& loop, const std::vector<Value>& args);
  const Value* own_attribute(const Value& of, std::string_view name, Value& made);
  Value loop_attribute(const Loop& loop, std::string_view name);
  Value plain_item(const Value& of, const Value& index, bool& found);
  NameId id_of(std::string_view name) const;

  const Program& program_;
  Meter& meter_;
  std::optional<ClockTime> now_;
  std::vector<std::optional<Value>> top_{};  // by NameId
  FramePtr frame_{};                         // nullptr: the top level
  Text* out_ = nullptr;
  Text* main_output_ = nullptr;
  Spans* generation_ = nullptr;
  Position here_ = 0;  // of what runs now, for errors
  int depth_ = 0;
  int calls_ = 0;
  bool autoescape_ = false;
  NameId loop_name_ = -1, caller_name_ = -1, varargs_name_ = -1, kwargs_name_ = -1;
  std::vector<FramePtr> frames_{};
  std::vector<std::shared_ptr<Namespace>> namespaces_{};
  std::vector<std::shared_ptr<Loop>> loops_{};
};

}  // namespace typecase::chat
