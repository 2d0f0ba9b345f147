#include "edge/identity.h"

namespace oneping::edge {

std::vector<Subject> subjects_of(const Identity& identity) {
  std::vector<Subject> subjects;
  subjects.push_back({SubjectKind::device, identity.device});
  if (!identity.user.empty()) subjects.push_back({SubjectKind::user, identity.user});
  for (const std::string& group : identity.groups) subjects.push_back({SubjectKind::group, group});
  for (const std::string& tag : identity.tags) subjects.push_back({SubjectKind::tag, tag});
  return subjects;
}

}  // namespace oneping::edge
