#include "app/device_options.h"

#include "app/device_state.h"

namespace oneping {

namespace {

// Options under construction, and the table of their settings, which refers to them.
class Builder {
 public:
  Builder() {
    table_.add("state", "FOLDER",
               "where the device's identity is; root's is /var/lib/oneping/device, another user's "
               "~/.local/state/oneping/device",
               options_.state);
    table_.add("interface", "NAME", "what the network interface is called", options_.interface);
    table_.add("admin", "ADDRESS:PORT|none", "where /ready, /healthz and /metrics are (HTTP)",
               options_.admin);
    table_.note_origin("admin", options_.admin_origin);
    table_.add("wait", "TIME", "how long to wait for the first session, in the background",
               options_.wait);
    add_log_options(table_, options_.log);
  }
  Builder(const Builder&) = delete;
  Builder& operator=(const Builder&) = delete;

  [[nodiscard]] const OptionTable& table() const { return table_; }

  Result<DeviceOptions> finish() {
    if (options_.state.empty()) {
      auto folder = DeviceState::default_folder();
      if (!folder) return tl::make_unexpected(folder.error());
      options_.state = std::move(*folder);
    }
    return std::move(options_);
  }

 private:
  DeviceOptions options_;
  OptionTable table_;
};

}  // namespace

Result<DeviceOptions> load_device_options(const OptionSources& sources) {
  Builder builder;
  if (const auto read = read_options(builder.table(), sources); !read) {
    return tl::make_unexpected(read.error());
  }
  return builder.finish();
}

std::vector<Setting> device_settings() { return Builder().table().settings(); }

}  // namespace oneping
