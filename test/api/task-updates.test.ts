import { describe, expect, it, vi } from "vitest";
import type { Broadcast } from "../../src/core/app/index.ts";
import { aCompetitor, anOperator, aCustomer, aPlayedTask } from "./a-world.ts";
import { nextData, openSocket, subscribe } from "./test-socket.ts";
import { withTestApi } from "./with-test-api.ts";

const UPDATES =
  "subscription ($id: ID!) { taskUpdated(id: $id) { at task { id status datasetSource ... on InstructTask { spec { promptTemplate } } } } }";

interface Update {
  readonly taskUpdated: {
    readonly task: { readonly id: string; readonly status: string; readonly datasetSource: unknown };
  };
}

/** Resolves when somebody listens to that topic. */
function untilListened(broadcast: Broadcast, topic: string): Promise<void> {
  const listen = broadcast.subscribe.bind(broadcast);
  return new Promise((resolve) => {
    broadcast.subscribe = (topics, signal) => {
      if (topics.includes(topic)) {
        broadcast.subscribe = listen;
        resolve();
      }
      return listen(topics, signal);
    };
  });
}

describe("taskUpdated", () => {
  const api = withTestApi();

  it("gives the task as it is at once, and again after each change", async () => {
    const { task } = await aPlayedTask(api.app, { status: "TRAINING" }, []);
    const socket = await openSocket(api.url, {});
    subscribe(socket, "a", UPDATES, { id: task.id });
    expect((await nextData<Update>(socket)).taskUpdated.task).toMatchObject({ id: task.id, status: "TRAINING" });
    await api.app.store.transaction((tx) => tx.update("tasks", { id: task.id }, { status: "EVALUATING" }));
    api.app.broadcast.publish(`task:${task.id}`, {});
    expect((await nextData<Update>(socket)).taskUpdated.task.status).toBe("EVALUATING");
    socket.terminate();
  });

  it("tells a stranger and a rival of changes that they may see, and not when somebody seals or trains", async () => {
    const owner = await aCustomer(api.app);
    const { task } = await aPlayedTask(api.app, { customerId: owner.accountId, status: "TRAINING" }, []);
    const rival = await aCompetitor(api.app);
    const sockets = await Promise.all(
      [{}, { token: rival.token }, { token: owner.token }].map((params) => openSocket(api.url, params)),
    );
    for (const socket of sockets) {
      subscribe(socket, "a", UPDATES, { id: task.id });
      await nextData<Update>(socket);
    }
    const [stranger, miner, customer] = sockets;
    const ring = () => api.app.broadcast.publish(`task:${task.id}`, {});
    ring();
    // The owner hears of it, so the others had their chance to.
    expect(customer && (await nextData<Update>(customer)).taskUpdated.task.status).toBe("TRAINING");
    await api.app.store.transaction((tx) => tx.update("tasks", { id: task.id }, { status: "EVALUATING" }));
    ring();
    for (const socket of [stranger, miner]) {
      expect(socket && (await nextData<Update>(socket)).taskUpdated.task.status).toBe("EVALUATING");
    }
    for (const socket of sockets) socket.terminate();
  });

  it("reads a task once for all who hear the same ring", async () => {
    const { task } = await aPlayedTask(api.app, { status: "TRAINING" }, []);
    const socket = await openSocket(api.url, { token: await anOperator(api.app) });
    const ids = Array.from({ length: 20 }, (_, index) => `${index}`);
    for (const id of ids) {
      subscribe(socket, id, UPDATES, { id: task.id });
      await nextData(socket);
    }
    const find = vi.spyOn(api.app.store, "find");
    try {
      api.app.broadcast.publish(`task:${task.id}`, {});
      for (const _ of ids) await nextData(socket);
      expect(find.mock.calls.filter(([table]) => table === "tasks")).toHaveLength(1);
    } finally {
      find.mockRestore();
      socket.terminate();
    }
  });

  it("hides in an update what it hides in a query", async () => {
    const owner = await aCustomer(api.app);
    const { task } = await aPlayedTask(api.app, { customerId: owner.accountId }, []);
    const sources = await Promise.all(
      [{}, { token: owner.token }, { token: await anOperator(api.app) }].map(async (params) => {
        const socket = await openSocket(api.url, params);
        subscribe(socket, "a", UPDATES, { id: task.id });
        const { datasetSource } = (await nextData<Update>(socket)).taskUpdated.task;
        socket.terminate();
        return datasetSource !== null;
      }),
    );
    expect(sources).toEqual([false, true, true]);
  });

  it("says so when there is no such task", async () => {
    const socket = await openSocket(api.url, {});
    for (const id of ["nonsense", crypto.randomUUID()]) {
      subscribe(socket, id, UPDATES, { id });
      expect(await socket.next()).toMatchObject({ payload: { errors: [{ extensions: { code: "NOT_FOUND" } }] } });
      expect(await socket.next()).toEqual({ type: "complete", id });
    }
    socket.terminate();
  });

  it("leaves no listener behind when a client completes or goes", async () => {
    const { task } = await aPlayedTask(api.app, {}, []);
    const left: string[] = [];
    const { broadcast } = api.app;
    const socket = await openSocket(api.url, {});
    const listen = broadcast.subscribe.bind(broadcast);
    broadcast.subscribe = (topics, signal) => {
      signal?.addEventListener("abort", () => left.push(...topics));
      return listen(topics, signal);
    };
    try {
      subscribe(socket, "a", UPDATES, { id: task.id });
      await nextData(socket);
      subscribe(socket, "b", UPDATES, { id: task.id });
      await nextData(socket);
      socket.send({ type: "complete", id: "a" });
      // The answer to a ping comes after the server has handled what was sent before.
      socket.send({ type: "ping" });
      expect(await socket.next()).toEqual({ type: "pong" });
      expect(left).toEqual([`task:${task.id}`]);
      socket.terminate();
      await expect.poll(() => left).toEqual([`task:${task.id}`, `task:${task.id}`]);
    } finally {
      broadcast.subscribe = listen;
    }
  });
});

describe("leaderboardUpdated", () => {
  const api = withTestApi();

  it("gives each new weight set once, in order", async () => {
    const make = async (digest: string) => {
      const set = {
        id: crypto.randomUUID(),
        inputs: [],
        policy: "paper",
        entries: [],
        empty: true,
        digest,
        createdAt: api.clock.now(),
      };
      await api.app.store.transaction((tx) => tx.insert("weightSets", set));
    };
    await make("old");
    const listening = untilListened(api.app.broadcast, "leaderboard");
    const socket = await openSocket(api.url, {});
    subscribe(socket, "a", "subscription { leaderboardUpdated { digest sequence ledgerSequence entries { weight } } }");
    await listening;
    await make("new");
    await make("newer");
    api.app.broadcast.publish("leaderboard", {});
    const digests = [];
    for (const _ of [1, 2])
      digests.push((await nextData<{ leaderboardUpdated: { digest: string } }>(socket)).leaderboardUpdated.digest);
    expect(digests).toEqual(["new", "newer"]);
    socket.terminate();
  });
});
