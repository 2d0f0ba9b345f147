// What ping, trace and mtr have in common: they speak IP packets through a link, write text, ask
// for names, and tell when they want to be called again. They read no clock and make no system
// call.
#pragma once

#include <string>
#include <string_view>

#include "base/packet.h"
#include "base/random.h"
#include "base/time.h"
#include "forward/link.h"
#include "probe/legs.h"
#include "probe/names.h"

namespace oneping::probe {

// Where text goes, in pieces as it becomes known: stdout and stderr.
class TextSink {
 public:
  virtual ~TextSink() = default;
  virtual void out(std::string_view text) = 0;
  virtual void err(std::string_view text) = 0;
};

// What a tool needs of the program that runs it. All must outlive the tool.
struct ToolHost {
  Link& link;
  PacketPool& pool;
  Random& random;
  TextSink& text;
  NameSource& names;
};

class Tool {
 public:
  virtual ~Tool() = default;

  virtual void start(Time now) = 0;
  // An IP packet that came in on the link. Anything that is no answer to this tool is ignored.
  virtual void on_packet(Bytes packet, Time now) = 0;
  // To be called at next_time(), or later.
  virtual void on_time(Time now) = 0;
  // The answer to NameSource::ask; empty if the address has no name.
  virtual void on_name(const IpAddress& address, std::string_view name) = 0;
  // How long the parts of the way that the tunnel knows take now.
  virtual void on_legs(const Legs& legs) = 0;
  // The user has had enough (SIGINT): says what is known and ends at once.
  virtual void interrupt() = 0;

  [[nodiscard]] virtual Time next_time() const = 0;
  [[nodiscard]] virtual bool is_done() const = 0;
  // Of the process, once done.
  [[nodiscard]] virtual int exit_code() const = 0;
};

}  // namespace oneping::probe
