// Builds the scripts that the pages load, and writes down what is in them.
// node build.mjs writes ../static/built; node build.mjs --check compares with what is there.

import { build } from "esbuild";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const OUT = "../static/built";
const SOURCES = ["build.mjs", "editor.mjs", "package-lock.json", "package.json"];
const LICENCE_NAMES = ["LICENSE", "LICENSE.md", "LICENCE", "license"];

const bundled = await build({
  entryPoints: ["editor.mjs"],
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2022"],
  legalComments: "none",
  metafile: true,
  write: false,
});

const packages = new Set(["htmx.org"]);
for (const path of Object.keys(bundled.metafile.inputs)) {
  const found = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path);
  if (found) packages.add(found[1]);
}

const described = [...packages].sort().map((name) => {
  const folder = join("node_modules", name);
  const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = LICENCE_NAMES.find((one) => existsSync(join(folder, one)));
  if (!file) throw new Error(`${name} has no licence file`);
  return { name, version, license, text: readFileSync(join(folder, file), "utf8").trim() };
});

const scripts = {
  "editor.js": Buffer.from(bundled.outputFiles[0].contents),
  "htmx.js": readFileSync("node_modules/htmx.org/dist/htmx.min.js"),
};
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const made = {
  ...scripts,
  "BUILT.json": Buffer.from(
    JSON.stringify(
      {
        files: Object.fromEntries(Object.entries(scripts).map(([name, bytes]) => [name, sha256(bytes)])),
        packages: described.map(({ name, version, license }) => ({ name, version, license })),
        sources: Object.fromEntries(SOURCES.map((name) => [name, sha256(readFileSync(name))])),
      },
      null,
      2,
    ) + "\n",
  ),
  "LICENSES.txt": Buffer.from(
    described.map((one) => `${one.name} ${one.version} (${one.license})\n\n${one.text}\n`).join("\n---\n\n"),
  ),
};

mkdirSync(OUT, { recursive: true });
for (const [name, bytes] of Object.entries(made)) {
  const path = join(OUT, name);
  if (!process.argv.includes("--check")) writeFileSync(path, bytes);
  else if (!existsSync(path) || !readFileSync(path).equals(bytes)) throw new Error(`${name} is not what is built`);
}
