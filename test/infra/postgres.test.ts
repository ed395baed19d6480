import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { startEmbeddedPostgres, stopPostmaster } from "../../src/core/infra/postgres/index.ts";
import { readPostmasterFile, whoHasPid } from "../../src/core/infra/postgres/postmaster-file.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gradients-test-cluster-"));
});
afterEach(() => stopPostmaster(folder));
afterAll(() => rm(folder, { recursive: true, force: true }));

const start = () => startEmbeddedPostgres(folder, { quick: true });
const pid = (): number => readPostmasterFile(join(folder, "data"))?.pid ?? Number.NaN;
const holder = (number: number) => whoHasPid(number, join(folder, "data"));

const ask = async (url: string, sql: string): Promise<unknown[]> => {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
};

/** Another process that starts the same server and says so. */
async function anotherProcess(): Promise<ChildProcess> {
  const child = fork(new URL("postgres-tenant.ts", import.meta.url), [folder], { execArgv: [] });
  await once(child, "message");
  return child;
}

it("starts at once share one cluster and one server, and remove one that was never finished", async () => {
  await writeFile(join(folder, "new-999999999"), "half");
  const [left, right] = await Promise.all([anotherProcess(), anotherProcess(), start().then((own) => own.stop())]);
  expect(left?.pid).not.toBe(right?.pid);
  for (const child of [left, right]) child?.send("stop");
  await Promise.all([left, right].map((child) => child && once(child, "exit")));
  expect((await readdir(folder)).toSorted()).toEqual(["data", "postgres.log"]);
});

it("keeps what was written from one start to the next, and leaves no server behind", async () => {
  const first = await start();
  await ask(first.url, "create table kept (n int); insert into kept values (7)");
  const firstPid = pid();
  await first.stop();
  expect(holder(firstPid)).not.toBe("postmaster");
  const second = await start();
  expect(second.adopted).toBe(false);
  expect(await ask(second.url, "select n from kept")).toEqual([{ n: 7 }]);
  await second.stop();
});

it("lets nobody in without the password, which only the owner can read", async () => {
  const server = await start();
  const stranger = new URL(server.url);
  stranger.password = "guess";
  await expect(ask(stranger.href, "select 1")).rejects.toThrow(/password authentication failed/);
  expect((await stat(join(folder, "data", "gradients-password"))).mode & 0o777).toBe(0o600);
  expect(
    await ask(
      server.url,
      "select current_setting('listen_addresses') as at, current_setting('unix_socket_directories') as sockets",
    ),
  ).toEqual([{ at: "127.0.0.1", sockets: "" }]);
  await server.stop();
});

it("a server whose process was killed is adopted by the next start, which then stops it", async () => {
  const killed = await anotherProcess();
  const orphan = pid();
  killed.kill("SIGKILL");
  await once(killed, "exit");
  expect(holder(orphan)).toBe("postmaster");
  const next = await start();
  expect(next.adopted).toBe(true);
  expect(pid()).toBe(orphan);
  await next.stop();
  await expect.poll(() => holder(orphan)).not.toBe("postmaster");
});

it("stays up as long as anybody uses it: the last one out stops it", async () => {
  const other = await anotherProcess();
  const server = pid();
  const own = await start();
  expect(own.adopted).toBe(true);
  await own.stop();
  expect(holder(server)).toBe("postmaster");
  other.send("stop");
  await once(other, "exit");
  await expect.poll(() => holder(server)).not.toBe("postmaster");
});

it("a process that ends without stopping it takes it along", async () => {
  const other = await anotherProcess();
  const server = pid();
  other.send("exit");
  await once(other, "exit");
  await expect.poll(() => holder(server)).not.toBe("postmaster");
});

it("is not left behind by a process that ends while it starts", async () => {
  const hasty = fork(new URL("postgres-tenant.ts", import.meta.url), [folder, "hasty"], { execArgv: [] });
  await once(hasty, "exit");
  await expect.poll(() => holder(pid())).not.toBe("postmaster");
});

it("is started again on its port when it is killed under its users, and has lost nothing", async () => {
  const server = await start();
  await ask(server.url, "create table kept_by_all (n int); insert into kept_by_all values (9)");
  const killed = pid();
  process.kill(killed, "SIGKILL");
  const rows = () => ask(server.url, "select n from kept_by_all").catch(() => null);
  await expect.poll(rows, { timeout: 10_000 }).toEqual([{ n: 9 }]);
  expect(pid()).not.toBe(killed);
  await server.stop();
  expect(holder(pid())).not.toBe("postmaster");
});

it("is not left behind by a stop while it is started again", async () => {
  const server = await start();
  const killed = pid();
  process.kill(killed, "SIGKILL");
  await expect.poll(() => holder(killed)).not.toBe("postmaster");
  await server.stop();
  expect(holder(pid())).not.toBe("postmaster");
});

it("starts after the server and its user were killed, and has lost nothing", async () => {
  const user = await anotherProcess();
  const first = await start();
  await ask(first.url, "create table late (n int); insert into late values (8)");
  await first.stop();
  user.kill("SIGKILL");
  await once(user, "exit");
  const killed = pid();
  process.kill(killed, "SIGKILL");
  await expect.poll(() => holder(killed)).not.toBe("postmaster");
  const second = await start();
  expect(await ask(second.url, "select n from late")).toEqual([{ n: 8 }]);
  await second.stop();
});

it("starts although the pid in the file belongs to another program by now", async () => {
  await writeFile(
    join(folder, "data", "postmaster.pid"),
    `${process.pid}\n${join(folder, "data")}\n0\n1\n\n127.0.0.1\n\nready   \n`,
  );
  const server = await start();
  expect(pid()).not.toBe(process.pid);
  await server.stop();
});

it("starts although the pid in the file belongs to a server of another folder by now, and leaves that one alone", async () => {
  const elsewhere = await mkdtemp(join(tmpdir(), "gradients-test-cluster-"));
  const other = await startEmbeddedPostgres(elsewhere, { quick: true });
  try {
    const theirs = await readFile(join(elsewhere, "data", "postmaster.pid"), "utf8");
    await writeFile(join(folder, "data", "postmaster.pid"), theirs);
    await stopPostmaster(folder);
    expect(await ask(other.url, "select 1 as n")).toEqual([{ n: 1 }]);
    const server = await start();
    expect(server.adopted).toBe(false);
    await server.stop();
  } finally {
    await other.stop();
    await rm(elsewhere, { recursive: true });
  }
});

it("starts although the file with the pid was left empty by a crash", async () => {
  const file = join(folder, "data", "postmaster.pid");
  await writeFile(file, "");
  const longAgo = new Date(0);
  await utimes(file, longAgo, longAgo);
  const server = await start();
  expect(server.adopted).toBe(false);
  await server.stop();
});

it("is adopted whatever the way to its folder is called", async () => {
  const killed = await anotherProcess();
  killed.kill("SIGKILL");
  await once(killed, "exit");
  const orphan = pid();
  await symlink(folder, `${folder}-link`);
  try {
    const server = await startEmbeddedPostgres(`${folder}-link`, { quick: true });
    expect([server.adopted, pid()]).toEqual([true, orphan]);
    await server.stop();
  } finally {
    await rm(`${folder}-link`);
  }
});

it("is started again for whoever moves in while the last one out stops it", async () => {
  const user = await anotherProcess();
  const before = await start();
  const { url } = before;
  await before.stop();
  user.kill("SIGKILL");
  await once(user, "exit");
  const lastOut = new Client({ connectionString: url });
  lastOut.on("error", () => undefined);
  await lastOut.connect();
  await lastOut.query("select pg_advisory_lock(7201001)");
  const next = start();
  const waiting = () => ask(url, "select from pg_locks where locktype = 'advisory' and not granted");
  await expect.poll(waiting).toHaveLength(1);
  await stopPostmaster(folder);
  const server = await next;
  expect(await ask(server.url, "select 1 as n")).toEqual([{ n: 1 }]);
  await server.stop();
});
