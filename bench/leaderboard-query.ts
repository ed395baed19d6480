// What our server costs on top of graphql-js: the leaderboard of a scored task with 15 miners, asked over HTTP of the
// whole API (Apollo, limits, authentication, masking) and of bare node:http with graphql-js, on the same schema, the
// same loaders and the same PostgreSQL, in one process, in turns:   npm run build && node bench/leaderboard-query.ts
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import autocannon from "autocannon";
import { execute, parse, validate, type DocumentNode, type GraphQLSchema } from "graphql";
import type { App } from "../src/core/app/index.ts";
import { anAssignment, anEvaluation, anOffer, anUpload, aScore, aSubmission, aTask } from "../test/api/rows.ts";
import { openWorld, quantile, schema as api } from "./api/world.ts";

const MINERS = 15;
const ROWS_PER_SPLIT = 200;
const CONNECTIONS = 8;
const SECONDS = 4;
const ROUNDS = 3;

const QUERY = /* GraphQL */ `
  query ($id: ID!) {
    task(id: $id) {
      id
      title
      status
      baseline {
        testLoss
        synthLoss
        weightedLoss
      }
      leaderboard {
        rank
        strategy
        testLoss
        synthLoss
        weightedLoss
        improvement
        taskScore
        explanation
        miner {
          id
          name
          hotkey
          averageScore
        }
        submission {
          id
          digest
        }
        findings {
          code
          verdict
        }
      }
    }
  }
`;

/** A scored task with everything that its leaderboard is made of. */
async function seed({ store }: App): Promise<string> {
  const task = aTask({ status: "SCORED" });
  const taskId = task.id;
  const losses = (loss: number) => ({ losses: lossesOf(loss) });
  await store.transaction(async (tx) => {
    await tx.insert("tasks", task);
    await tx.insert("evaluations", anEvaluation(3, { taskId, submissionId: null, ...losses(3) }));
    for (let rank = 1; rank <= MINERS; rank += 1) {
      const minerId = randomUUID();
      await tx.insert("miners", {
        id: minerId,
        hotkey: `hotkey ${minerId}`,
        name: `miner ${rank}`,
        status: "ACTIVE",
        taskTypes: [task.kind],
        maxParameterCount: 1e9,
        slots: 1,
        lastHeartbeatAt: null,
        eventSequence: 0,
        createdAt: task.createdAt,
      });
      const offer = await tx.insert("offers", anOffer({ taskId, minerId, wave: rank }));
      const assignment = await tx.insert("assignments", anAssignment({ taskId, minerId, offerId: offer.id }));
      const upload = await tx.insert("uploads", anUpload({ assignmentId: assignment.id, minerId }));
      const whose = { taskId, assignmentId: assignment.id, minerId, uploadId: upload.id };
      const { id: submissionId } = await tx.insert("submissions", aSubmission(whose));
      await tx.insert("evaluations", anEvaluation(rank, { taskId, submissionId, ...losses(1 + rank / MINERS) }));
      await tx.insert("scores", aScore({ taskId, minerId, submissionId, rank }));
    }
  });
  return taskId;
}

function lossesOf(testLoss: number) {
  const rows = Array.from({ length: ROWS_PER_SPLIT }, (_, index) => testLoss + index / 1e3);
  const components = { testLoss, synthLoss: testLoss };
  return { ...components, components, metrics: {}, rowLosses: { test: rows, synth: rows } };
}

/** The least that can be done: read the body, execute the parsed query, write the answer. */
async function serveBare(app: App, schema: GraphQLSchema): Promise<{ url: string; server: Server }> {
  const documents = new Map<string, DocumentNode>();
  const answer = async (request: IncomingMessage): Promise<string> => {
    const body = (await json(request)) as { query: string; variables: Record<string, unknown> };
    const document = documents.get(body.query) ?? parse(body.query);
    if (!documents.has(body.query) && validate(schema, document).length === 0) documents.set(body.query, document);
    const contextValue = api.operationContext(app, { kind: "ANONYMOUS" }, { request, cache: true });
    return JSON.stringify(await execute({ schema, document, contextValue, variableValues: body.variables }));
  };
  const server = createServer((request, response) => {
    void answer(request).then((text) => {
      response.setHeader("content-type", "application/json");
      response.end(text);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // a TCP server's address is never a text
  return { url: `http://127.0.0.1:${port}`, server };
}

async function measure(url: string, taskId: string): Promise<autocannon.Result> {
  const body = JSON.stringify({ query: QUERY, variables: { id: taskId } });
  const result = await autocannon({
    url: `${url}/graphql`,
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
    connections: CONNECTIONS,
    duration: SECONDS,
    // A thread of its own: the client's work is not the server's.
    workers: 1,
  });
  if (result.non2xx + result.errors > 0) throw new Error(`${url}: ${result.non2xx + result.errors} failed`);
  return result;
}

await using world = await openWorld();
const { app } = world;
const taskId = await seed(app);
const graphqlSchema = await api.buildApiSchema(app.registry.taskTypes.values());
const whole = await api.createApi({ app });
const bare = await serveBare(app, graphqlSchema);
const rates = { whole: [] as number[], bare: [] as number[] };
const latencies = { whole: [] as number[], bare: [] as number[] };
for (let round = 0; round <= ROUNDS; round += 1) {
  for (const [name, url] of [["whole", whole.url] as const, ["bare", bare.url] as const]) {
    const { requests, latency } = await measure(url, taskId);
    // The first round warms up.
    if (round === 0) continue;
    rates[name].push(requests.average);
    latencies[name].push(latency.p50);
  }
}
const rate = { whole: quantile(rates.whole, 0.5), bare: quantile(rates.bare, 0.5) };
console.log(`| leaderboard of ${MINERS} miners, ${CONNECTIONS} connections | requests/s | p50 ms | ratio |`);
console.log("| --- | --- | --- | --- |");
console.log(`| graphql-js on node:http | ${rate.bare.toFixed(0)} | ${quantile(latencies.bare, 0.5)} | 1.00 |`);
const ratio = (rate.whole / rate.bare).toFixed(2);
console.log(`| the whole API | ${rate.whole.toFixed(0)} | ${quantile(latencies.whole, 0.5)} | ${ratio} |`);
bare.server.closeAllConnections();
bare.server.close();
await whole.stop();
