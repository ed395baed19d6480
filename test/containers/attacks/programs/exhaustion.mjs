// Attacks that use something up: processes, memory, disk, inodes, the log, time.
import { spawn } from "node:child_process";
import { closeSync, ftruncateSync, openSync, readdirSync, statSync, writeFileSync, writeSync } from "node:fs";
import { attempt } from "./attempt.mjs";

const MiB = 1024 * 1024;
const HOG = "const held = []; for (;;) held.push(Buffer.alloc(8 * 1024 * 1024, 1));";

const started = (child) =>
  new Promise((resolve) => child.once("spawn", () => resolve("spawned")).once("error", ({ code }) => resolve(code)));
const ended = (child) => new Promise((resolve) => child.once("exit", (code, signal) => resolve(signal ?? code)));

export const exhaustion = {
  async "fork bomb"() {
    for (let children = 0; children < 1000; children += 1) {
      const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
      const how = await Promise.race([
        started(child).then((it) => (it === "spawned" ? settle(child) : it)),
        ended(child),
      ]);
      if (how !== "runs") return { children, error: how };
    }
    return { children: 1000, error: null };
  },
  "memory bomb"() {
    const held = [];
    for (;;) held.push(Buffer.alloc(8 * MiB, 1));
  },
  async "memory bomb in a child"() {
    return { child: await ended(spawn(process.execPath, ["-e", HOG], { stdio: "ignore" })) };
  },
  async "disk fill"({ folder }) {
    const file = openSync("/tmp/fill", "w");
    const error = await attempt(() => {
      const block = Buffer.alloc(MiB, 1);
      for (;;) writeSync(file, block);
    });
    closeSync(file);
    const elsewhere = await Promise.all(
      ["/fill", "/usr/fill", "/var/fill", "/dev/shm/fill", `/session/${folder}/fill`].map((path) =>
        attempt(() => writeFileSync(path, "x")),
      ),
    );
    return { error, bytes: statSync("/tmp/fill").size, elsewhere };
  },
  async "sparse file"() {
    const file = openSync("/tmp/sparse", "w");
    const error = await attempt(() => ftruncateSync(file, 2 ** 40));
    closeSync(file);
    return { error };
  },
  async "inode fill"() {
    const error = await attempt(() => {
      for (let file = 0; ; file += 1) writeFileSync(`/tmp/file-${file}`, "");
    });
    return { error, files: readdirSync("/tmp").length };
  },
  async "log flood"() {
    const block = Buffer.alloc(MiB, "a line of the log that never ends\n");
    for (;;) await new Promise((resolve) => process.stderr.write(block, resolve));
  },
  async "one endless line"({ write }) {
    const block = "x".repeat(MiB);
    for (;;) await new Promise((resolve) => (write(block) ? resolve() : process.stdout.once("drain", resolve)));
  },
  "deaf hang"() {
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"]) process.on(signal, () => {});
    for (;;);
  },
};

/** A moment after it was started a child has all of its threads, or has died of having none. */
const settle = (child) =>
  new Promise((resolve) => {
    setTimeout(() => resolve(child.exitCode === null && child.signalCode === null ? "runs" : "died"), 150);
  });
