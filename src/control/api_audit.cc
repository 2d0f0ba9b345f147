// /audit and /events: what was changed by whom, in the past and from now on.
#include <charconv>

#include "control/answers.h"
#include "control/view.h"

namespace oneping::control {

namespace {

struct AuditFilter : PageInput {
  std::optional<std::string> action;
  std::optional<std::string> object;
  std::optional<Timestamp> since;
};

Query<AuditFilter> audit_query() {
  auto query = page_query<AuditFilter>();
  query.fields.add(field<AuditFilter>("action", Use::optional, &AuditFilter::action,
                                      "only this one; `tunnel.`: all that begin so"));
  query.fields.add(field<AuditFilter>("object", Use::optional, &AuditFilter::object,
                                      "only what was done to the thing of this name"));
  query.fields.add(
      field<AuditFilter>("since", Use::optional, &AuditFilter::since, "only from then on"));
  return query;
}

Json show(const AuditEntry& entry) {
  Json detail = Json::parse(entry.detail, nullptr, false);
  if (!detail.is_object()) detail = Json::object();
  return {{"id", entry.id},         {"time", timestamp_text(entry.time)},
          {"actor", entry.actor},   {"action", entry.action},
          {"object", entry.object}, {"detail", std::move(detail)}};
}

// Newest first; the cursor is the id of the last entry of the page before.
Outcome<ApiResponse> list_audit(const Call& call, const AuditFilter& filter) {
  const auto page = page_of(filter);
  if (!page) return refusal_of(page);
  AuditQuery query;
  query.before = page->after;
  query.since = filter.since;
  query.action = filter.action.value_or("");
  query.object = filter.object.value_or("");
  query.limit = page->limit + 1;
  const auto entries = call.control.audit(query);
  if (!entries) return refusal_of(entries);
  Json items = Json::array();
  Json next = nullptr;
  for (const AuditEntry& entry : *entries) {
    if (items.size() == page->limit) {
      next = to_text(items.back()["id"]);
      break;
    }
    items.push_back(show(entry));
  }
  return respond({{"items", std::move(items)}, {"next", std::move(next)}});
}

Outcome<ApiResponse> listen(const Call& call) {
  std::optional<std::uint64_t> last_seen;
  if (const std::string& text = call.request.last_event_id; !text.empty()) {
    std::uint64_t id = 0;
    const char* end = text.data() + text.size();
    if (const auto [stop, error] = std::from_chars(text.data(), end, id);
        error != std::errc{} || stop != end) {
      return malformed("", "Last-Event-ID is " + in_quotes(text) + ", which is no event's id");
    }
    last_seen = id;
  }
  ApiResponse response;
  response.content_type = "text/event-stream";
  response.events = call.control.events().subscribe(last_seen);
  if (!response.events) {
    return refuse(RefusalKind::unavailable, "there are 16 listeners to events already: end one");
  }
  return response;
}

std::vector<FieldInfo> audit_answer() {
  return {
      answered("id", schema::integer(), "grows"),
      answered("time", schema::text("date-time"), "when it was done"),
      answered("actor", schema::text(), "by whom: \"uid 0 (root)\", \"token ci\", \"edge\""),
      answered("action", schema::text(), "what: \"tunnel.create\""),
      answered("object", schema::text(), "to what, by name"),
      answered("detail", {{"type", "object"}}, "what it became, or what changed from what to what"),
  };
}

}  // namespace

void add_audit_endpoints(Endpoints& endpoints) {
  endpoints.define("AuditEntry", answer_schema(audit_answer()));
  endpoints.add({"GET", "/audit", "Lists what was changed by whom, newest first", Access::read,
                 lists("AuditEntry")},
                audit_query(), list_audit);
  endpoints.add({"GET",
                 "/events",
                 "Streams what happens",
                 Access::read,
                 {200, schema::text(), "text/event-stream"}},
                listen);
}

}  // namespace oneping::control
