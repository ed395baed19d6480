// The sandbox as a program, for evaluators in other languages: node main.ts, then one call a line on stdin, and for each
// one result a line on stdout. It ends with its input.
import { z } from "zod";
import { createSandbox } from "./index.ts";

const codeCall = z.strictObject({
  source: z.string(),
  name: z.string(),
  input: z.string(),
  count: z.number().int().nonnegative(),
});

const sandbox = createSandbox();
let rest = "";

process.stdin.setEncoding("utf8");
process.stdin.on("data", (chunk: string) => {
  const lines = `${rest}${chunk}`.split("\n");
  rest = lines.pop() ?? "";
  for (const line of lines) process.stdout.write(`${JSON.stringify(sandbox.call(codeCall.parse(JSON.parse(line))))}\n`);
});
process.stdin.on("end", () => process.exit(0));
