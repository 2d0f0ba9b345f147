#include "app/tunnels_section.h"

#include <map>
#include <set>

#include "app/tunnel_secrets.h"

namespace oneping {

namespace {

class Reader {
 public:
  explicit Reader(const YamlFile& file) : file_(file) {}

  Result<EdgeOptions::Tunnel> tunnel(const YAML::Node& node) {
    if (!node.IsMap()) return file_.error_at(node, "a tunnel must have a name and routes");
    EdgeOptions::Tunnel tunnel;
    const YAML::Node* routes = nullptr;
    YAML::Node routes_node;
    const auto read =
        file_.for_each(node, [&](const YAML::Node& key, const YAML::Node& value) -> Result<void> {
          if (key.Scalar() == "name") return name(value, tunnel.name);
          if (key.Scalar() != "routes") return file_.unknown_key(key, "", {"name", "routes"});
          routes_node.reset(value);
          routes = &routes_node;
          return {};
        });
    if (!read) return tl::make_unexpected(read.error());
    if (tunnel.name.empty()) return file_.error_at(node, "a tunnel needs a name");
    if (routes == nullptr) return tunnel;
    // Behind the name, so that errors can tell it.
    if (auto done = add_routes(*routes, tunnel); !done) return tl::make_unexpected(done.error());
    return tunnel;
  }

 private:
  Result<void> name(const YAML::Node& node, std::string& name) {
    const auto text = file_.text(node, "name");
    if (!text) return tl::make_unexpected(text.error());
    if (!is_tunnel_name(*text)) {
      return file_.error_at(node, "'" + *text + "' is no tunnel name: write 1 to 64 letters, " +
                                      "digits, '-', '_' or '.', and no '.' first");
    }
    if (!names_.insert(*text).second) {
      return file_.error_at(node, "tunnel '" + *text + "' is here twice: give each its own name");
    }
    name = *text;
    return {};
  }

  Result<void> add_routes(const YAML::Node& node, EdgeOptions::Tunnel& tunnel) {
    if (!node.IsSequence()) return file_.error_at(node, "'routes' must be a list of prefixes");
    for (const auto& item : node) {
      const auto text = file_.text(item, "routes");
      if (!text) return tl::make_unexpected(text.error());
      Prefix prefix;
      if (const auto parsed = parse_setting(*text, prefix); !parsed) {
        return file_.error_at(item, parsed.error().message);
      }
      const auto [owner, is_new] = owners_.emplace(prefix, tunnel.name);
      if (!is_new) {
        return file_.error_at(item, "route " + prefix.to_string() + " is in tunnel '" +
                                        owner->second + "' already: a prefix has one tunnel");
      }
      tunnel.routes.push_back(prefix);
    }
    return {};
  }

  const YamlFile& file_;
  std::set<std::string> names_;
  std::map<Prefix, std::string> owners_;
};

}  // namespace

Result<std::vector<EdgeOptions::Tunnel>> read_tunnels(const YamlFile& file,
                                                      const YAML::Node& node) {
  std::vector<EdgeOptions::Tunnel> tunnels;
  if (!node.IsSequence()) return file.error_at(node, "'tunnels' must be a list");
  Reader reader(file);
  for (const auto& item : node) {
    auto tunnel = reader.tunnel(item);
    if (!tunnel) return tl::make_unexpected(tunnel.error());
    tunnels.push_back(std::move(*tunnel));
  }
  return tunnels;
}

}  // namespace oneping
