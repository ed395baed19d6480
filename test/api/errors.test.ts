import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/core/contract/index.ts";
import type { Log } from "../../src/core/app/index.ts";
import { silentLog } from "../infra/silent-log.ts";
import { openSocket, subscribe } from "./test-socket.ts";
import { withTestApi, type ReplyError } from "./with-test-api.ts";

const logged: { message: string; fields: JsonObject }[] = [];
const log: Log = { ...silentLog, error: (message, fields = {}) => void logged.push({ message, fields }) };
const secretive = (): never => {
  throw new Error("password=hunter2 at /srv/models");
};

describe("errors over both transports", () => {
  const api = withTestApi({ parts: { log, bases: { find: secretive, list: secretive } } });

  async function overSocket(query: string, variables: object = {}): Promise<readonly ReplyError[]> {
    const socket = await openSocket(api.url, {});
    subscribe(socket, "a", query, variables);
    const { type, payload } = await socket.next();
    socket.terminate();
    // Errors of the request come as `error`, those of the execution inside of `next`.
    const errors = type === "error" ? payload : (payload as { errors?: unknown }).errors;
    return (errors ?? []) as readonly ReplyError[]; // GraphQL's response format
  }
  const overHttp = async (query: string, variables: Readonly<Record<string, unknown>> = {}) =>
    (await api.post(query, { variables })).errors;

  it("masks what nobody expected alike, with an id that is in the log", async () => {
    const answers = [await overHttp("{ baseModels { repo } }"), await overSocket("{ baseModels { repo } }")];
    for (const errors of answers) {
      expect(errors).toEqual([
        {
          message: expect.stringMatching(/^something went wrong on our side/),
          locations: [{ line: 1, column: 3 }],
          path: ["baseModels"],
          extensions: { code: "INTERNAL", errorId: expect.any(String) },
        },
      ]);
      const errorId = errors[0]?.extensions.errorId;
      expect(logged.map(({ fields }) => fields["errorId"])).toContain(errorId);
      expect(JSON.stringify(errors)).not.toContain("hunter2");
    }
    expect(logged.map(({ fields }) => fields["reason"])).toEqual(logged.map(() => expect.stringContaining("hunter2")));
  });

  it.each([
    ["a syntax error", "{", {}, "GRAPHQL_PARSE_FAILED"],
    ["an unknown field", "{ nope }", {}, "GRAPHQL_VALIDATION_FAILED"],
    ["a variable of the wrong type", "query ($id: ID!) { task(id: $id) { id } }", { id: [] }, "BAD_USER_INPUT"],
    [
      "several operations without a name",
      "query A { viewer { kind } } query B { viewer { kind } }",
      {},
      "OPERATION_RESOLUTION_FAILURE",
    ],
    ["a page that is too long", "{ tasks(first: 101) { nodes { id } } }", {}, "INVALID_INPUT"],
    ["a cursor of another list", '{ tasks(after: "WzEsIm1pbmVycyJd") { nodes { id } } }', {}, "CURSOR_INVALID"],
    ["a query that is too deep", deep(13), {}, "QUERY_TOO_COMPLEX"],
    [
      "a query that is too costly",
      "{ tasks(first: 100) { nodes { submissions(first: 100) { nodes { id } } } } }",
      {},
      "QUERY_TOO_COMPLEX",
    ],
    [
      "a cost that hides in a variable",
      "query ($n: Int!) { tasks(first: $n) { nodes { submissions(first: $n) { nodes { id } } } } }",
      { n: 100 },
      "QUERY_TOO_COMPLEX",
    ],
    [
      "too many aliases",
      `{ ${Array.from({ length: 40 }, (_, n) => `a${n}: viewer { kind }`).join(" ")} }`,
      {},
      "QUERY_TOO_COMPLEX",
    ],
    ["too many tokens", `{ viewer { ${"kind ".repeat(4_000)} } }`, {}, "GRAPHQL_PARSE_FAILED"],
  ])("answers %s alike", async (_what, query, variables, code) => {
    const [http, socket] = [await overHttp(query, variables), await overSocket(query, variables)];
    expect(http.map(({ extensions }) => extensions.code)).toContain(code);
    expect(socket).toEqual(http);
  });

  it("lets a client introspect", async () => {
    const query =
      "{ __schema { types { name fields { name type { name ofType { name ofType { name ofType { name } } } } } } } }";
    expect(await overHttp(query)).toEqual([]);
    expect(await overSocket(query)).toEqual([]);
  });

  it("answers a wrong token with 401 over HTTP", async () => {
    for (const token of ["nonsense", "gr_abcd_0123456789abcdef0123"]) {
      const { status, errors } = await api.post("{ viewer { kind } }", { token });
      expect([status, errors[0]?.extensions.code]).toEqual([401, "UNAUTHENTICATED"]);
    }
  });

  it("answers a body that is no JSON, and one that is too long, as the client's mistake", async () => {
    const send = (body: string) =>
      fetch(`${api.url}/graphql`, { method: "POST", headers: { "content-type": "application/json" }, body });
    expect((await send("{")).status).toBe(400);
    expect((await send(JSON.stringify({ query: "x".repeat(12_000_000) }))).status).toBe(413);
  });
});

/** A query of that many levels. */
function deep(levels: number): string {
  const open = Array.from({ length: levels }, (_, level) => (level % 2 === 0 ? "task {" : "result { submission {"));
  return `{ submission(id: "x") { ${open.join(" ")} id ${open.map((text) => "}".repeat(text.split("{").length - 1)).join("")} } }`;
}
