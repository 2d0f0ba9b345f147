#include "admin/secret.h"

#include <cstdio>
#include <optional>

#include "admin/private_file.h"

namespace oneping::admin {

namespace {

Result<int> make(const Secret& secret, const Session& session, Json fields) {
  const Json out = take(fields, "out");
  const auto existing = take(fields, "overwrite").is_null() ? Existing::refuse : Existing::replace;
  std::optional<PrivateFile> file;
  if (!out.is_null()) {
    auto opened = PrivateFile::open(out.get<std::string>(), existing);
    if (!opened) return tl::make_unexpected(opened.error());
    file.emplace(std::move(*opened));
  }

  auto answer = session.api.call(request_of(secret.request, fields));
  if (!answer) return tl::make_unexpected(answer.error());
  if (!field_of(*answer, secret.field).is_string()) {
    return fail("the API's answer holds no " + secret.field + ": is the edge newer than this?");
  }
  const std::string text = words_of(field_of(*answer, secret.field));
  fields.update(*answer);
  if (file) {
    const auto kept = file->write(text + "\n").and_then([&] { return file->keep(); });
    if (!kept) {
      return fail(kept.error().message + "; " + filled(secret.again, fields));
    }
    answer->erase(secret.field);
  }

  fields["file"] = file ? out : Json("FILE");
  const std::string what = filled(secret.what, fields);
  if (session.format == Format::json) {
    print_json(*answer);
  } else if (file) {
    print_line(what + " is in " + words_of(out) + ". Keep it secret.");
  } else {
    print_line(text);
    print_note(what + " is shown this once. Keep it secret.");
  }
  if (!secret.next.empty()) print_note(filled(secret.next, fields));
  return 0;
}

}  // namespace

void makes_secret(ApiCommand& command, const Secret& secret) {
  command.option("--out", "out", "FILE", "a new file for it, which only its owner can read")
      .flag("--force", "overwrite", "overwrite the file")
      .only_with("--force", "--out")
      .runs([secret](const Session& session, Json fields) {
        return make(secret, session, std::move(fields));
      });
}

}  // namespace oneping::admin
