#include "control/sqlite_tables.h"

namespace oneping::control {

PolicyWhoColumns columns_of(const PolicyWho& who) {
  PolicyWhoColumns columns;
  switch (who.kind) {
    case SubjectKind::user: columns.user = who.id; break;
    case SubjectKind::group: columns.group = who.id; break;
    case SubjectKind::device: columns.device = who.id; break;
    case SubjectKind::tag: columns.tag = who.tag; break;
  }
  return columns;
}

PolicyWho who_of(const PolicyWhoColumns& columns) {
  if (columns.user) return {SubjectKind::user, *columns.user, {}};
  if (columns.group) return {SubjectKind::group, *columns.group, {}};
  if (columns.device) return {SubjectKind::device, *columns.device, {}};
  return {SubjectKind::tag, 0, columns.tag.value_or("")};
}

}  // namespace oneping::control
