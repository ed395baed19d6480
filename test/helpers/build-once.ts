import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Compiles src/ and evaluators/ once per test run: suites that start real processes run them from dist/. */
export default function setup(): void {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json"], { cwd: root, stdio: "inherit" });
}
