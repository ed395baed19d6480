// An evaluator that computes nothing: each submission's file `behaviour` says what it does. Used to test runners.
import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";

interface Request {
  readonly id: number;
  readonly type: "hello" | "open" | "evaluate" | "close";
  readonly base?: { readonly path: string };
  readonly sets?: readonly string[];
  readonly submission?: { readonly path: string } | null;
}

const print = (message: object) => process.stdout.write(`${JSON.stringify(message)}\n`);

function evaluate(id: number, behaviour: string): void {
  const result = (value: unknown) => print({ id, type: "result", result: value });
  switch (behaviour) {
    case "good":
      print({ id, type: "progress", done: 1, total: 2 });
      return void result({ loss: 1 });
    case "bad":
      return void print({
        id,
        type: "error",
        cause: "submission",
        code: "TENSOR_SHAPE",
        message: "a tensor is too small",
      });
    case "broken-evaluator":
      return void print({
        id,
        type: "error",
        cause: "infrastructure",
        code: "OUT_OF_MEMORY",
        message: "no memory left",
      });
    case "crash":
      process.stderr.write("about to crash\n");
      return process.exit(139);
    case "crash-once":
      // The session folder outlives the program: the second one finds the mark of the first.
      if (existsSync("crashed")) return void result({ loss: 1 });
      writeFileSync("crashed", "");
      return process.exit(1);
    case "hang":
      // A child of its own, to see that it is ended too.
      spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "inherit" });
      return void setInterval(() => {}, 1000);
    case "garbage":
      return void process.stdout.write("Loading checkpoint shards: 100%\n");
    case "other-id":
      return void print({ id: id + 1, type: "result", result: {} });
    case "twice":
      result({ loss: 1 });
      return void result({ loss: 2 });
    case "flood":
      return void process.stdout.write("x".repeat(2_000_000));
    case "many-lines":
      for (let line = 0; line < 20_000; line += 1) print({ id, type: "progress", done: line, total: 20_000 });
      return undefined;
    case "environment":
      return void result({
        environment: Object.keys(process.env).toSorted(),
        folder: process.cwd(),
        gpus: process.env["CUDA_VISIBLE_DEVICES"] ?? null,
      });
    default:
      throw new Error(`unknown behaviour ${behaviour}`);
  }
}

function answer(request: Request): void {
  const { id } = request;
  if (request.type === "hello") {
    const objectives = ["token-cross-entropy"];
    return void print({
      id,
      type: "result",
      result: { protocol: 1, evaluator: "fake", device: "none", libraries: { fake: "1.0.0" }, objectives },
    });
  }
  if (request.type === "open") {
    if (existsSync(request.base?.path ?? "")) return void print({ id, type: "result", result: {} });
    return void print({ id, type: "error", cause: "infrastructure", code: "BAD_BASE", message: "there is no base" });
  }
  if (request.type === "close") return process.exit(0);
  return evaluate(id, request.submission ? readFileSync(`${request.submission.path}/behaviour`, "utf8") : "good");
}

createInterface({ input: process.stdin })
  .on("line", (line) => answer(JSON.parse(line)))
  .on("close", () => process.exit(0));
