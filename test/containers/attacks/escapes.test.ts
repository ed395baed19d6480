import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { copyFile, mkdir, readFile, symlink } from "node:fs/promises";
import { createServer } from "node:net";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { sharedLibraries } from "../../../scripts/evaluator-images/shared-libraries.ts";
import type { SessionNeeds } from "../../../src/core/contract/index.ts";
import { NOBODIES } from "../../../src/eval-runners/docker/profile.ts";
import { DAEMON, expectNothingLeft } from "../a-daemon.ts";
import { underAttack } from "./an-attack.ts";

const isNobody = (id: number) => id >= NOBODIES.first && id < NOBODIES.first + NOBODIES.count;

/** Puts programs of this machine, with their libraries, where the container sees them. */
async function lendTools({ basePath }: SessionNeeds, names: readonly string[]): Promise<void> {
  await mkdir(join(basePath, "tools/lib"), { recursive: true });
  for (const name of names) {
    const path = execFileSync("which", [name], { encoding: "utf8" }).trim();
    await copyFile(path, join(basePath, "tools", name));
    for (const library of sharedLibraries([path])) {
      if (library.kind === "copy") await copyFile(library.from, join(basePath, "tools/lib", basename(library.path)));
    }
  }
}

expectNothingLeft();

describe("a submission that wants out of its container", () => {
  it("can't change what it is given, nor the image", () =>
    underAttack(async ({ saw, needs }) => {
      const refused = "EROFS";
      expect(await saw("write to inputs", { set: "sets/test.jsonl" })).toEqual({
        base: refused,
        set: refused,
        submission: refused,
        removal: refused,
        mode: refused,
        link: refused,
        root: refused,
        program: refused,
      });
      expect(await readFile(needs.sets["test"] ?? "", "utf8")).toBe("{}\n");
    }));

  it("is a user that owns nothing, without capabilities and behind a filter of system calls", () =>
    underAttack(async ({ saw }) => {
      expect(await saw("who am I")).toEqual({
        uid: expect.toSatisfy(isNobody),
        gid: expect.toSatisfy(isNobody),
        capabilities: "0000000000000000",
        bound: "0000000000000000",
        noNewPrivileges: "1",
        seccomp: "2",
      });
    }));

  it("can't become another user", () =>
    underAttack(async ({ saw }) => {
      expect(await saw("privileges")).toEqual({ setuid: "EPERM", setgid: "EPERM", groups: "EPERM", chown: "EPERM" });
    }));

  it("can't mount, unshare namespaces or make devices", () =>
    underAttack(async ({ saw, needs }) => {
      await lendTools(needs, ["mount", "unshare", "mknod"]);
      expect(await saw("system calls")).toEqual({
        mount: expect.stringMatching(/^[1-9]\d*: .*(permission denied|must be superuser|not permitted)/i),
        unshare: expect.stringMatching(/^1: .*not permitted/),
        namespaces: expect.stringMatching(/^1: .*not permitted/),
        mknod: expect.stringMatching(/^1: .*not permitted/),
      });
    }));

  it("can't touch the kernel's files", () =>
    underAttack(async ({ saw }) => {
      const { memory, ...writes } = Object(await saw("kernel files"));
      expect(memory).not.toBe("done");
      for (const how of Object.values(writes)) expect(how).toMatch(/^(EROFS|EACCES|EPERM|ENOENT)$/);
    }));

  it("sees no socket of the Docker daemon", () =>
    underAttack(async ({ saw }) => {
      const paths = ["/var/run/docker.sock", "/run/docker.sock", new URL(DAEMON).pathname];
      expect(await saw("docker socket", { paths })).toEqual({ there: [], connect: "ENOENT" });
    }));

  it("can't run a program that it wrote", () =>
    underAttack(async ({ saw }) => expect(await saw("a program of its own")).toEqual({ run: "EACCES" }), {
      temporary: { bytes: 160 * 1024 * 1024, files: 256 },
      memory: 512 * 1024 * 1024,
    }));

  it("sees none of the server's secrets", async () => {
    process.env["GRADIENTS_OPERATOR_SECRET"] = "a secret of the operator that nobody may see";
    try {
      await underAttack(async ({ saw }) => {
        const seen = await saw("secrets");
        expect(JSON.stringify(seen)).not.toContain("secret of the operator");
        expect(Object.keys(Object(seen).environment).toSorted()).toEqual([
          "HOME",
          "HOSTNAME",
          "LANG",
          "NVIDIA_VISIBLE_DEVICES",
          "PATH",
          "TMPDIR",
        ]);
      });
    } finally {
      delete process.env["GRADIENTS_OPERATOR_SECRET"];
    }
  });

  it("sees and signals no process but its own", () =>
    underAttack(async ({ saw }) => {
      expect(await saw("signals to everybody", { pid: process.pid })).toMatchObject({ host: "ESRCH" });
    }));

  it("sees nothing of another session, not even that there is one", () =>
    underAttack(async ({ saw: firstSaw, host: first }) =>
      underAttack(async ({ saw: secondSaw, host: second }) => {
        const own = { processes: 1, session: expect.arrayContaining(["sets/test.jsonl"]), mounts: false };
        const [one, other] = await Promise.all([
          firstSaw("other sessions", { marker: basename(second.scratchFolder.replace("/scratch", "")) }),
          secondSaw("other sessions", { marker: basename(first.scratchFolder.replace("/scratch", "")) }),
        ]);
        expect(one).toEqual(own);
        expect(other).toEqual(own);
      }),
    ));

  it("takes nothing from another session that the kernel counts by user, like watches of files", () =>
    underAttack(async ({ saw: firstSaw, needs: first }) =>
      underAttack(async ({ saw: secondSaw, needs: second }) => {
        for (const needs of [first, second]) await lendTools(needs, ["perl"]);
        expect(await firstSaw("file watches", { most: 1000 })).not.toEqual({ watches: 0 });
        expect(await secondSaw("file watches", { most: 1 })).toEqual({ watches: 1 });
      }),
    ));

  it("reaches no system call that changes the machine", () =>
    underAttack(async ({ saw, needs }) => {
      await lendTools(needs, ["perl"]);
      const refused = await saw("forbidden system calls");
      expect(Object.values(Object(refused)).filter((how) => how !== "Operation not permitted")).toEqual([]);
      expect(Object.keys(Object(refused)).length).toBeGreaterThan(20);
    }));

  it("reaches no socket of this machine by an abstract name", async () => {
    const name = `\0gradients-${randomUUID()}`;
    const server = createServer().listen(name);
    await once(server, "listening");
    try {
      await underAttack(async ({ saw }) =>
        expect(await saw("abstract socket", { name })).toEqual({ connect: "ECONNREFUSED" }),
      );
    } finally {
      server.close();
    }
  });

  it("can't have a link followed on its way into the session", () =>
    underAttack(async ({ attack, host }) => {
      await mkdir(join(host.dataFolder, "submissions/links"), { recursive: true });
      await symlink("/etc/passwd", join(host.dataFolder, "submissions/links/adapter_config.json"));
      // Intake refuses links, so one here is the platform's own mistake.
      expect(await attack("links")).toMatchObject({ cause: "infrastructure", code: "SESSION_FAILED" });
    }));
});
