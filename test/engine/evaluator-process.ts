import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

const program = join(import.meta.dirname, "..", "..", "evaluators", "embedded", "main.ts");

export interface ReceivedAnswer {
  readonly id: number | null;
  readonly type: string;
  readonly result?: unknown;
  readonly [key: string]: unknown;
}

/** The evaluator as a runner sees it: lines in, lines out. */
export function startEvaluator(folder: string) {
  const child = spawn(process.execPath, [program, folder], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const exited = once(child, "exit");

  const receive = async (): Promise<ReceivedAnswer> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error("The evaluator ended without an answer.");
    // A test asserts on what was received, so nothing depends on this being true.
    return JSON.parse(value) as ReceivedAnswer;
  };
  let nextId = 1;

  return {
    exited,
    write: (text: string) => child.stdin.write(text),
    end: () => child.stdin.end(),
    receive,
    /** Sends one request and collects its progress and its answer. */
    ask: async (type: string, fields: object = {}) => {
      const id = nextId++;
      child.stdin.write(`${JSON.stringify({ id, type, ...fields })}\n`);
      const progress: ReceivedAnswer[] = [];
      for (;;) {
        const answer = await receive();
        if (answer.type !== "progress") return { progress, answer, id };
        progress.push(answer);
      }
    },
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      if (child.exitCode === null && child.signalCode === null) child.kill();
      await exited;
    },
  };
}
