#pragma once

#include <string>
#include <string_view>

namespace typecase::cli {

/// Collects SVG shapes and knows how large the picture has become. Lengths are in pixels.
class Canvas {
 public:
  struct Ink {
    std::string_view colour = "#1f2933";
    double size = 14;
    std::string_view anchor = "start";  ///< start, middle, end
    bool bold = false;
    bool struck = false;
    bool halo = false;  ///< white around the letters, where they cross lines
  };

  void text(double x, double y, std::string_view text, const Ink& ink);
  void box(double x, double y, double width, double height, std::string_view colour);
  /// A rectangle with round corners and an outline.
  void card(double x, double y, double width, double height, std::string_view fill,
            std::string_view outline, bool dashed);
  /// A smooth edge from a parent's right side to a child's left side.
  void edge(double x1, double y1, double x2, double y2, std::string_view colour, double thickness,
            bool dashed);
  /// The document around the shapes, on white.
  std::string document(double width, double height, std::string_view title) const;

 private:
  std::string shapes_{};
};

}  // namespace typecase::cli
