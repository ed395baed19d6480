// Compiles and then runs the command line in this same process: with `exec` before it in package.json, a signal to
// `npm run demo` reaches the demo itself, where a shell between them (`tsc && node …`) would keep it to itself.
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const build = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json"], {
  cwd: root,
  stdio: ["ignore", 2, 2],
});
if (build.status !== 0) process.exit(build.status ?? 1);
const cli = join(root, "dist", "src", "cli.js");
process.argv.splice(1, 1, cli);
await import(new URL("../dist/src/cli.js", import.meta.url));
