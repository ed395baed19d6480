// node counting-trainer.ts <file> …: notes each of its runs in the file, and trains as the embedded trainer does.
import { spawnSync } from "node:child_process";
import { appendFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const [runs = "", ...args] = process.argv.slice(2);
appendFileSync(runs, "trained\n");
const trainer = fileURLToPath(new URL("../../dist/evaluators/embedded/train.js", import.meta.url));
process.exitCode = spawnSync(process.execPath, [trainer, ...args], { stdio: "inherit" }).status ?? 1;
