import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/**
 * Compiles src/ and evaluators/, and the entry points' types, once per test run: suites that start real processes run them
 * from dist/. Type errors don't stop the tests (`npm run check` is for those): the compiler writes its output all the same.
 */
export default function setup(): void {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  for (const project of ["tsconfig.build.json", "tsconfig.types.json"]) {
    const compiler = ["node_modules/typescript/bin/tsc", "-p", project];
    const { error, status } = spawnSync(process.execPath, compiler, { cwd: root, stdio: "ignore" });
    if (error) throw error;
    if (status !== 0) process.stderr.write(`${project}: built with type errors, see npm run typecheck\n`);
  }
}
