// node build.mjs OUT: bundles the pages into OUT/index.html and OUT/assets/, whose names change with their content.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const here = path.dirname(fileURLToPath(import.meta.url));
const out = process.argv[2];
if (!out) {
  console.error("usage: node build.mjs OUT");
  process.exit(2);
}

const result = await build({
  absWorkingDir: here,
  entryPoints: { app: "src/main.tsx", styles: "src/styles.css", icon: "src/icon.svg" },
  outdir: path.resolve(out, "assets"),
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2022",
  minify: true,
  jsx: "automatic",
  jsxImportSource: "preact",
  loader: { ".svg": "copy" },
  define: { "process.env.NODE_ENV": '"production"' },
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
});

const names = Object.keys(result.metafile.outputs).map((name) => path.basename(name));
const addressOf = (start, end) => `/assets/${names.find((name) => name.startsWith(start) && name.endsWith(end))}`;
const page = readFileSync(path.join(here, "index.html"), "utf8")
  .replace("ICON", addressOf("icon-", ".svg"))
  .replace("STYLES", addressOf("styles-", ".css"))
  .replace("SCRIPT", addressOf("app-", ".js"));
mkdirSync(out, { recursive: true });
writeFileSync(path.join(out, "index.html"), page);
