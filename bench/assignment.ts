// How long it takes from createTask to the full task at every subscribed miner, on a real server process with real
// sockets; beside it, as the floor, the same number of bare round trips (three: create, answer, and an event each way
// counted as one) on the same server in the same run:   npm run build && node bench/assignment.ts [miners] [rounds]
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCustomer } from "../src/cli/demo/customer.ts";
import { operatorConfiguration } from "../src/cli/demo/operator-configuration.ts";
import { startServerProcess } from "../src/cli/demo/server-process.ts";
import { median } from "./evaluation/measure.ts";
import {
  authenticateMiner,
  CancelTaskDocument,
  createClient,
  createKeyPair,
  createTask,
  memoryCursor,
  minerEvents,
  RegisterMinerDocument,
  RespondToOfferDocument,
  ViewerDocument,
  type GradientsClient,
} from "../src/sdk/index.ts";

const MINERS = Number(process.argv[2] ?? 8);
const ROUNDS = Number(process.argv[3] ?? 10);
const ROUND_TRIPS = 3;
const FLOOR_SAMPLES = 50;

/** Assignments by task as they arrive: a task is done when every miner has it. */
class Arrivals {
  readonly #times = new Map<string, number[]>();
  readonly #waiting = new Map<string, () => void>();

  add(taskId: string): void {
    const times = this.#times.get(taskId) ?? [];
    this.#times.set(taskId, [...times, performance.now()]);
    if (times.length + 1 === MINERS) this.#waiting.get(taskId)?.();
  }

  async all(taskId: string): Promise<readonly number[]> {
    if ((this.#times.get(taskId)?.length ?? 0) < MINERS)
      await new Promise<void>((resolve) => this.#waiting.set(taskId, resolve));
    return this.#times.get(taskId) ?? [];
  }
}

async function startMiner(url: string, index: number, arrivals: Arrivals, signal: AbortSignal): Promise<void> {
  const client = createClient({ url });
  const keyPair = createKeyPair(new Uint8Array(32).fill(index + 1));
  await authenticateMiner(client, keyPair, signal);
  const input = {
    idempotencyKey: `bench-${index}`,
    name: `miner ${index}`,
    taskTypes: ["instruct"],
    maxParameterCount: 1e9,
    slots: 1000,
  };
  await client.request(RegisterMinerDocument, { input });
  void minerEvents(client, {
    cursor: memoryCursor(),
    signal,
    onUnauthenticated: async () => void (await authenticateMiner(client, keyPair, signal)),
    onEvent: async (event) => {
      if (event.__typename === "OfferMade")
        await client.request(RespondToOfferDocument, { input: { offerId: event.offerId, accept: true } });
      if (event.__typename === "Assigned") arrivals.add(event.taskId);
    },
  }).finally(() => client[Symbol.asyncDispose]());
}

async function floorMs(client: GradientsClient): Promise<number> {
  const times: number[] = [];
  for (let sample = 0; sample < FLOOR_SAMPLES; sample += 1) {
    const start = performance.now();
    for (let trip = 0; trip < ROUND_TRIPS; trip += 1) await client.request(ViewerDocument, {});
    times.push(performance.now() - start);
  }
  return median(times);
}

const folder = await mkdtemp(join(tmpdir(), "gradients-bench-"));
const stop = new AbortController();
try {
  const configuration = operatorConfiguration({ seed: "bench", fields: [MINERS], plugins: null, port: 0, folder });
  await using server = await startServerProcess({
    environment: configuration.environment,
    logFile: join(folder, "server.log"),
    signal: stop.signal,
  });
  const arrivals = new Arrivals();
  for (let index = 0; index < MINERS; index += 1) await startMiner(server.url, index, arrivals, stop.signal);
  await using customer = await createCustomer(server.url, configuration.operatorKey);
  const rows = (await readFile(new URL("../datasets/translate-names/rows.jsonl", import.meta.url), "utf8"))
    .split("\n")
    .slice(0, 300);
  const dataset = { rows: rows.map((line): unknown => JSON.parse(line)) };
  const first: number[] = [];
  const last: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const start = performance.now();
    const task = {
      kind: "instruct",
      idempotencyKey: `round-${round}`,
      title: "bench",
      baseModel: { repo: "gradients-demo/tiny-llama" },
      dataset,
      budgetSeconds: 600,
      spec: {},
    };
    const { id } = await createTask(customer, task);
    const times = await arrivals.all(id);
    if (round > 0) first.push(Math.min(...times) - start); // round 0 warms up
    if (round > 0) last.push(Math.max(...times) - start);
    await customer.request(CancelTaskDocument, { input: { taskId: id } });
  }
  const floor = await floorMs(customer);
  console.log(`${MINERS} miners, 300 rows, ${ROUNDS} rounds, median ms from createTask (preparation included):`);
  console.log(
    `  first miner has the task   ${median(first).toFixed(1)}   ${(median(first) / floor).toFixed(1)} x floor`,
  );
  console.log(`  every miner has the task   ${median(last).toFixed(1)}   ${(median(last) / floor).toFixed(1)} x floor`);
  console.log(`  floor: ${ROUND_TRIPS} round trips       ${floor.toFixed(1)}`);
} finally {
  stop.abort();
  await rm(folder, { recursive: true, force: true });
}
