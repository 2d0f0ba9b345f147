// Who is signed in at the dashboard. A session is begun with an API token or with a one-time link,
// and is known from then on by the secret in its cookie, of which only the hash is kept.
//
// A session ends when nobody has used it for kIdle, after kLongest in any case, when somebody ends
// it, when its token ends, which the caller must look after, and with the program: it is in memory
// only. Both tables are bounded: who signs in when there are kMaxSessions takes the place of the
// one unused for longest, and a new link that of the oldest. Every method from any thread.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "control/model.h"

namespace oneping::control {

struct SignIn {
  Id id = 0;
  Role role = Role::read;   // when it began; with a token, the token's
  std::optional<Id> token;  // the API token that began it; nothing: a link did
  std::string actor;        // for the audit log
  std::string peer;         // the address that it was begun from
  Timestamp began;
  Timestamp used;  // last
};

class SignIns {
 public:
  static constexpr std::chrono::hours kIdle{8};
  static constexpr std::chrono::hours kLongest{7 * 24};
  static constexpr std::chrono::minutes kLinkGood{5};
  static constexpr std::size_t kMaxSessions = 256;
  static constexpr std::size_t kMaxLinks = 16;

  // Cookies of edges on one host have names of their own, for a browser keeps them together.
  explicit SignIns(std::string cookie_name) : cookie_name_(std::move(cookie_name)) {}

  [[nodiscard]] const std::string& cookie_name() const { return cookie_name_; }
  // Where the dashboard is, or in its place why there is none.
  struct Dashboard {
    std::string address;  // "http://127.0.0.1:9780"; empty: nowhere
    std::string absence;
  };
  void set_dashboard(Dashboard dashboard);
  [[nodiscard]] Dashboard dashboard() const;

  // Gives it its id, and begins it. Its cookie holds the secret with this hash.
  [[nodiscard]] SignIn begin(const SecretHash& cookie, SignIn session, Timestamp now);
  // Using it lets it last; nothing if there is no such session, or no longer.
  [[nodiscard]] std::optional<SignIn> use(const SecretHash& cookie, Timestamp now);
  // Without using it.
  [[nodiscard]] std::optional<SignIn> find(Id session, Timestamp now) const;
  [[nodiscard]] std::map<Id, SignIn> all(Timestamp now) const;
  // False: there is none.
  bool end(Id session);

  struct Link {
    Role role = Role::read;
    std::string actor;  // of whoever asked for it
    Timestamp until;
  };
  void offer(const SecretHash& link, Link offered);
  // Once; nothing if it was taken, was never offered, or is over.
  [[nodiscard]] std::optional<Link> take(const SecretHash& link, Timestamp now);

  // When it is over, if nobody uses it any more.
  [[nodiscard]] static Timestamp end_of(const SignIn& session);

 private:
  const std::string cookie_name_;
  mutable std::mutex mutex_;
  Dashboard dashboard_{
      "",
      "its API does not listen by TCP: set `api.listen` to 127.0.0.1:9780, say, and restart it"};
  Id last_id_ = 0;
  std::map<SecretHash, SignIn> sessions_;
  std::map<SecretHash, Link> links_;
};

}  // namespace oneping::control
