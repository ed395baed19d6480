import { createHmac } from "node:crypto";
import { mkdtemp, mkdtempDisposable, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { keptSecret } from "../../src/core/infra/config/index.ts";
import { createIds } from "../../src/core/infra/ids.ts";
import { createLog } from "../../src/core/infra/logger.ts";
import { createSecrets } from "../../src/core/infra/secrets.ts";

const SECRET = "an operator's secret of some length";

it("derived ids are uuids of version 8 that depend on the secret and on every part", () => {
  const ids = createIds(SECRET);
  expect(ids.derived("a", "b")).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(ids.derived("a", "b")).toBe(createIds(SECRET).derived("a", "b"));
  const others = [
    createIds("another").derived("a", "b"),
    ids.derived("ab"),
    ids.derived("a", "b", ""),
    ids.derived("b", "a"),
  ];
  expect(new Set([ids.derived("a", "b"), ...others]).size).toBe(5);
});

it("task secrets and seeds are the HMACs of spec section 3", () => {
  const secrets = createSecrets(SECRET);
  const taskSecret = createHmac("sha256", SECRET).update("task-1").digest();
  expect(Buffer.from(secrets.taskSecret("task-1"))).toEqual(taskSecret);
  expect(Buffer.from(secrets.seed("task-1", "draw", 2))).toEqual(
    createHmac("sha256", taskSecret).update("draw:2").digest(),
  );
  expect(secrets.sha256("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  expect(secrets.randomHex(8)).toMatch(/^[0-9a-f]{16}$/);
});

it("a secret is made once, kept for its owner only, and the same for all who ask at once", async () => {
  const folder = await mkdtemp(join(tmpdir(), "gradients-test-secret-"));
  let made = 0;
  const kept = await Promise.all(
    Array.from({ length: 10 }, () => keptSecret(folder, "secret", () => `secret ${++made}`)),
  );
  expect(new Set(kept).size).toBe(1);
  expect(await keptSecret(folder, "secret", () => "another")).toBe(kept[0]);
  expect((await readFile(join(folder, "secret"), "utf8")).trim()).toBe(kept[0]);
  expect((await stat(join(folder, "secret"))).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(["secret"]);
  await rm(folder, { recursive: true });
});

it("a secret that a crash has emptied is no secret: the start fails, and nothing is signed with it", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "gradients-secret-"));
  await writeFile(join(folder.path, "secret"), "\n");
  await expect(keptSecret(folder.path, "secret", () => "another")).rejects.toThrow(
    `${join(folder.path, "secret")} is empty`,
  );
});

it("the log shows no secret, wherever it stands", () => {
  const lines: string[] = [];
  const log = createLog("info", (line) => lines.push(line));
  log.info("hello", {
    token: "hunter2",
    deep: { apiKey: "hunter2", deeper: { signature: "hunter2" } },
    taskId: "kept",
  });
  log.warn("postgres://me:hunter2@localhost/db is gone", { error: "redis://:hunter2@localhost refused" });
  log.debug("nobody asked");
  expect(lines).toHaveLength(2);
  expect(lines.join()).not.toContain("hunter2");
  expect(lines.join()).toContain("kept");
  expect(lines.join()).toContain("postgres://me:[redacted]@localhost/db");
});
