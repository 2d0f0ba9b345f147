// Makes of the built page a source file of the program: build/web/web_files.cc (see
// src/app/web_files.h). Run after `vite build`.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { extname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const here = fileURLToPath(new URL(".", import.meta.url));
const dist = join(here, "../build/web/dist");
const output = join(here, "../build/web/web_files.cc");

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
};

// Whose code is in the page, with the words that they ask for.
function licences() {
  const { dependencies } = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));
  const names = new Set(Object.keys(dependencies));
  for (const name of names) {
    const { dependencies: more = {} } = JSON.parse(readFileSync(join(here, "node_modules", name, "package.json"), "utf8"));
    for (const other of Object.keys(more)) names.add(other);
  }
  return [...names].sort().map((name) => {
    const folder = join(here, "node_modules", name);
    const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined) throw new Error(`${name} comes without a licence`);
    return `${name} ${version}\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
  });
}

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

// Pieces that a compiler takes at once, and people can look at.
function array(name, bytes) {
  const lines = [];
  for (let begin = 0; begin < bytes.length; begin += 32) lines.push([...bytes.subarray(begin, begin + 32)].join(","));
  return `constexpr unsigned char ${name}[] = {\n${lines.join(",\n")}};\n`;
}

writeFileSync(join(dist, "licences.txt"), licences().join(`\n${"-".repeat(72)}\n\n`));

const arrays = [];
const entries = [];
let total = 0;
for (const [place, path] of filesBelow(dist).sort().entries()) {
  const plain = readFileSync(path);
  const type = TYPES[extname(path)];
  if (type === undefined) throw new Error(`${path}: its type is not known`);
  const forms = {
    plain,
    gzip: gzipSync(plain, { level: 9 }),
    brotli: brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: plain.length } }),
  };
  const name = relative(dist, path).replaceAll("\\", "/");
  const fields = Object.entries(forms).map(([form, bytes]) => {
    if (form !== "plain" && bytes.length >= plain.length) return `{}`;
    arrays.push(array(`k${form}${place}`, bytes));
    return `text(k${form}${place})`;
  });
  total += Math.min(plain.length, forms.brotli.length);
  entries.push(
    `    {${JSON.stringify(name === "index.html" ? "/" : `/${name}`)}, ${JSON.stringify(type)}, ` +
      `"${createHash("sha256").update(plain).digest("hex").slice(0, 16)}", ` +
      `${name.startsWith("assets/")}, ${fields.join(", ")}},`,
  );
}

const source = `// Made by web/embed.js.
#include "app/web_files.h"

namespace oneping {

namespace {

template <std::size_t size>
std::string_view text(const unsigned char (&bytes)[size]) {
  return {reinterpret_cast<const char*>(bytes), size};
}

${arrays.join("\n")}
const WebFile kFiles[] = {
${entries.join("\n")}
};

}  // namespace

std::span<const WebFile> web_files() { return kFiles; }

}  // namespace oneping
`;
// An unchanged page is nothing to compile anew.
if (!existsSync(output) || readFileSync(output, "utf8") !== source) writeFileSync(output, source);
console.log(`${entries.length} files, ${(total / 1000).toFixed(1)} kB compressed`);
