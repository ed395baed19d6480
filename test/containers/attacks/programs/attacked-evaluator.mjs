// An evaluator that a submission has taken over completely: each submission's file `attack` says what it tries. It speaks
// the protocol as far as the attack lets it, and answers with what it saw.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { escapes } from "./escapes.mjs";
import { exhaustion } from "./exhaustion.mjs";
import { network } from "./network.mjs";
import { spoofs } from "./spoofs.mjs";

const ATTACKS = { ...escapes, ...exhaustion, ...network, ...spoofs };

const write = (text) => process.stdout.write(text);
const answer = (message) => write(`${JSON.stringify(message)}\n`);
const HELLO = {
  protocol: 1,
  evaluator: "attacked",
  device: "none",
  libraries: { node: process.versions.node },
  objectives: ["token-cross-entropy"],
};

async function evaluate({ id, submission }) {
  if (submission === null) return answer({ id, type: "result", result: { loss: 1 } });
  const { attack, options } = JSON.parse(readFileSync(`${submission.path}/attack`, "utf8"));
  const saw = await ATTACKS[attack]({ id, folder: submission.path, options, write, answer });
  return saw === undefined ? undefined : answer({ id, type: "result", result: saw });
}

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const request = JSON.parse(line);
    const { id, type } = request;
    if (type === "evaluate") void evaluate(request);
    else answer({ id, type: "result", result: type === "hello" ? HELLO : {} });
  })
  .on("close", () => process.exit(0));
