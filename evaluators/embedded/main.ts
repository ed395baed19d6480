// The embedded evaluator: node main.ts [session folder], then requests on stdin. See docs/evaluator-protocol.md.
import { writeProtocol } from "./evaluator/claim-stdout.ts";
import { answer, toFailure } from "./evaluator/answers.ts";
import { createLineSplitter } from "./evaluator/line-splitter.ts";
import { parseRequest } from "./evaluator/parse-request.ts";
import type { Request } from "./evaluator/protocol.ts";
import { EvaluationError, MAXIMUM_REQUEST_BYTES, PROTOCOL_VERSION } from "./evaluator/protocol.ts";
import type { Session } from "./evaluator/session.ts";
import { openSession } from "./evaluator/session.ts";
import { OBJECTIVES } from "./objectives/index.ts";

const folder = process.argv[2] ?? process.cwd();
let session: Session | undefined;

async function handle(request: Request): Promise<unknown> {
  switch (request.type) {
    case "hello":
      return {
        protocol: PROTOCOL_VERSION,
        evaluator: "embedded",
        objectives: OBJECTIVES,
        device: `cpu ${process.arch}`,
        libraries: { node: process.versions.node },
      };
    case "open":
      if (session !== undefined)
        throw new EvaluationError("infrastructure", "BAD_REQUEST", "A session is open already.");
      session = openSession(folder, request);
      return session.opened;
    case "evaluate":
      if (session === undefined)
        throw new EvaluationError("infrastructure", "BAD_REQUEST", "No session is open: send `open` first.");
      return session.evaluate(request, (progress) => answer({ id: request.id, type: "progress", ...progress }));
    case "close":
      return {};
  }
}

async function respond(line: string): Promise<void> {
  const parsed = parseRequest(line);
  if (!parsed.ok) {
    const { id, cause, code, message } = parsed;
    answer({ id, type: "error", cause, code, message });
    return;
  }
  const { request } = parsed;
  try {
    answer({ id: request.id, type: "result", result: await handle(request) });
  } catch (error) {
    answer({ id: request.id, type: "error", ...toFailure(error) });
  }
  // Not before all answers are written: a long one is on its way for a while.
  if (request.type === "close") writeProtocol("", () => process.exit(0));
}

const split = createLineSplitter(MAXIMUM_REQUEST_BYTES);
let queue = Promise.resolve();

process.stdin.on("data", (chunk: Buffer) => {
  try {
    for (const line of split(chunk)) queue = queue.then(() => respond(line));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    answer({ id: null, type: "error", cause: "infrastructure", code: "BAD_REQUEST", message });
    process.exit(1);
  }
});

// A runner that died must not leave this program computing: the end of input ends it, in the middle of an evaluation too.
process.stdin.on("end", () => process.exit(0));
