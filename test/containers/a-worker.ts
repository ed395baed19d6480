// A process that opens a session in a container and then waits to be killed: node a-worker.ts <image> <daemon>
import { createTestHost } from "../../src/core/contract/testing/test-host.ts";
import { dockerRunner } from "../../src/eval-runners/docker/index.ts";
import { inBase, needsWithPrograms } from "./a-program.ts";

const [image, daemon] = process.argv.slice(2);
const host = await createTestHost();
const options = dockerRunner.options.parse({ image, daemon, command: inBase("scripted-evaluator.mjs") });
const live = dockerRunner.create(options, host);
const session = await live.open(await needsWithPrograms(host), new AbortController().signal);
process.stdout.write(`${session.record.image}\n`);
setInterval(() => {}, 1000);
