// The options that every load generator has on its command line.
#pragma once

#include <CLI/CLI.hpp>

#include "load_meter.h"

namespace oneping::bench {

inline Duration seconds(double value) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(value));
}

// `options` must outlive the parsing.
inline void add_load_options(CLI::App& app, LoadOptions& options) {
  app.add_option("--window", options.window, "requests outstanding at any time");
  app.add_option("--rate", options.rate, "requests a second, instead of a window");
  app.add_option("--requests", options.requests, "stop after so many, instead of --seconds");
  app.add_option_function<double>(
      "--tick", [&](double value) { options.tick = seconds(value); },
      "with --rate: send once in so many seconds what is due by then");
  app.add_option_function<double>(
      "--seconds", [&](double value) { options.duration = seconds(value); }, "how long to measure");
  app.add_option_function<double>(
      "--warm-up", [&](double value) { options.warm_up = seconds(value); }, "seconds before that");
}

}  // namespace oneping::bench
