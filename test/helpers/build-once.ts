import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Compiles src/ and evaluators/, and the entry points' types, once per test run: suites that start real processes run them
 * from dist/. Type errors don't stop the tests (`npm run check` is for those): the compiler writes its output all the same.
 */
export default async function setup(): Promise<void> {
  await Promise.all(["tsconfig.build.json", "tsconfig.types.json"].map(compile));
}

async function compile(project: string): Promise<void> {
  const compiler = ["node_modules/typescript/bin/tsc", "-p", project];
  const [status] = await once(spawn(process.execPath, compiler, { cwd: root, stdio: "ignore" }), "exit");
  if (status !== 0) process.stderr.write(`${project}: built with type errors, see npm run typecheck\n`);
}
