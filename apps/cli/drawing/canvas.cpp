#include "canvas.h"

#include <cstdio>

namespace typecase::cli {
namespace {

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

std::string attribute(std::string_view name, double value) {
  return " " + std::string(name) + "=\"" + number(value) + "\"";
}

std::string attribute(std::string_view name, std::string_view value) {
  return " " + std::string(name) + "=\"" + std::string(value) + "\"";
}

/// Text inside an element: XML has no control characters but these three.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += ' ';
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

void Canvas::text(double x, double y, std::string_view text, const Ink& ink) {
  shapes_ += "<text xml:space=\"preserve\"" + attribute("x", x) + attribute("y", y) +
             attribute("font-size", ink.size) + attribute("fill", ink.colour);
  if (ink.anchor != "start") shapes_ += attribute("text-anchor", ink.anchor);
  if (ink.bold) shapes_ += attribute("font-weight", std::string_view("bold"));
  if (ink.struck) shapes_ += attribute("text-decoration", std::string_view("line-through"));
  if (ink.halo) {
    shapes_ += " stroke=\"#ffffff\" stroke-width=\"4\" paint-order=\"stroke\"";
  }
  shapes_ += ">" + escaped(text) + "</text>\n";
}

void Canvas::box(double x, double y, double width, double height, std::string_view colour) {
  shapes_ += "<rect" + attribute("x", x) + attribute("y", y) + attribute("width", width) +
             attribute("height", height) + attribute("fill", colour) + "/>\n";
}

void Canvas::card(double x, double y, double width, double height, std::string_view fill,
                  std::string_view outline, bool dashed) {
  shapes_ += "<rect rx=\"6\"" + attribute("x", x) + attribute("y", y) + attribute("width", width) +
             attribute("height", height) + attribute("fill", fill) + attribute("stroke", outline) +
             (dashed ? " stroke-dasharray=\"4 3\"" : "") + "/>\n";
}

void Canvas::edge(double x1, double y1, double x2, double y2, std::string_view colour,
                  double thickness, bool dashed) {
  const double middle = (x1 + x2) / 2;
  shapes_ += "<path fill=\"none\" d=\"M" + number(x1) + " " + number(y1) + " C" + number(middle) +
             " " + number(y1) + " " + number(middle) + " " + number(y2) + " " + number(x2) + " " +
             number(y2) + "\"" + attribute("stroke", colour) +
             attribute("stroke-width", thickness) + (dashed ? " stroke-dasharray=\"4 3\"" : "") +
             "/>\n";
}

std::string Canvas::document(double width, double height, std::string_view title) const {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
         "<svg xmlns=\"http://www.w3.org/2000/svg\"" +
         attribute("width", width) + attribute("height", height) + " viewBox=\"0 0 " +
         number(width) + " " + number(height) +
         "\" font-family=\"'DejaVu Sans', Verdana, sans-serif\">\n<title>" + escaped(title) +
         "</title>\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n" + shapes_ +
         "</svg>\n";
}

}  // namespace typecase::cli
