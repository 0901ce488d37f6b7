// node test.mjs: bundles each src/**/*.test.ts and runs it with node's own test runner.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const here = path.dirname(fileURLToPath(import.meta.url));
const tests = readdirSync(path.join(here, "src"), { recursive: true })
  .filter((name) => name.endsWith(".test.ts"))
  .map((name) => path.join("src", name));
const out = mkdtempSync(path.join(os.tmpdir(), "web-tests-"));
try {
  await build({ absWorkingDir: here, entryPoints: tests, outdir: out, outExtension: { ".js": ".mjs" }, bundle: true, format: "esm", platform: "node", logLevel: "warning" });
  const files = readdirSync(out, { recursive: true }).filter((name) => name.endsWith(".mjs")).map((name) => path.join(out, name));
  process.exitCode = spawnSync(process.execPath, ["--test", ...files], { stdio: "inherit" }).status ?? 1;
} finally {
  rmSync(out, { recursive: true, force: true });
}
