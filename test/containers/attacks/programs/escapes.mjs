// Attacks on the container's walls.
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { attempt } from "./attempt.mjs";

/** Programs that the test put into the base's folder, with the libraries that they are linked with. */
const run = (program, ...args) => {
  const env = { LD_LIBRARY_PATH: "/session/base/tools/lib" };
  const { status, stderr, error } = spawnSync(`/session/base/tools/${program}`, args, { env, encoding: "utf8" });
  return error ? error.code : `${status}: ${stderr.trim()}`;
};
const statusField = (name) =>
  new RegExp(`^${name}:\\s*(.+)$`, "m").exec(readFileSync("/proc/self/status", "utf8"))?.[1];
const all = async (attempts) =>
  Object.fromEntries(
    await Promise.all(Object.entries(attempts).map(async ([name, work]) => [name, await attempt(work)])),
  );

export const escapes = {
  "write to inputs": ({ folder, options: { set } }) =>
    all({
      base: () => writeFileSync("/session/base/evil", "x"),
      set: () => writeFileSync(`/session/${set}`, "x"),
      submission: () => writeFileSync(`/session/${folder}/attack`, "x"),
      removal: () => unlinkSync(`/session/${set}`),
      mode: () => chmodSync(`/session/${set}`, 0o777),
      link: () => symlinkSync("/etc/shadow", `/session/${folder}/link`),
      root: () => writeFileSync("/evil", "x"),
      program: () => writeFileSync("/usr/bin/node", "x"),
    }),
  privileges: () =>
    all({
      setuid: () => process.setuid(0),
      setgid: () => process.setgid(0),
      groups: () => process.setgroups([0]),
      chown: () => {
        writeFileSync("/tmp/mine", "");
        chownSync("/tmp/mine", 0, 0);
      },
    }),
  "who am I": () => ({
    uid: process.getuid(),
    gid: process.getgid(),
    capabilities: statusField("CapEff"),
    bound: statusField("CapBnd"),
    noNewPrivileges: statusField("NoNewPrivs"),
    seccomp: statusField("Seccomp"),
  }),
  "system calls": () => ({
    mount: run("mount", "-t", "tmpfs", "none", "/tmp"),
    unshare: run("unshare", "--user", "--map-root-user", "--mount", "/usr/bin/node", "-e", "0"),
    namespaces: run("unshare", "--mount", "/usr/bin/node", "-e", "0"),
    mknod: run("mknod", "/tmp/disk", "b", "8", "0"),
  }),
  "kernel files": () =>
    all({
      "core pattern": () => writeFileSync("/proc/sys/kernel/core_pattern", "|/tmp/evil"),
      sysrq: () => writeFileSync("/proc/sysrq-trigger", "b"),
      memory: () => {
        if (readFileSync("/proc/kcore").length === 0) throw new Error("masked");
      },
      cgroup: () => writeFileSync("/sys/fs/cgroup/evil", "x"),
      device: () => writeFileSync("/dev/evil", "x"),
      "first process": () => writeFileSync("/proc/1/oom_score_adj", "-1000"),
    }),
  "docker socket": async ({ options: { paths } }) => ({
    there: paths.filter((path) => existsSync(path)),
    connect: await attempt(
      () =>
        new Promise((resolve, reject) =>
          connect({ path: "/var/run/docker.sock" }).once("connect", resolve).once("error", reject),
        ),
    ),
  }),
  "a program of its own": () =>
    all({
      run: () => {
        copyFileSync("/usr/bin/node", "/tmp/node");
        chmodSync("/tmp/node", 0o755);
        const { error } = spawnSync("/tmp/node", ["-e", "0"]);
        if (error) throw error;
      },
    }),
  secrets: () => ({
    environment: process.env,
    first: readFileSync("/proc/1/environ", "utf8").split("\0"),
    commandLines: processes().map((id) => readFileSync(`/proc/${id}/cmdline`, "utf8")),
  }),
  "other sessions": ({ options: { marker } }) => ({
    processes: processes().length,
    session: readdirSync("/session", { recursive: true }).filter((path) => !path.startsWith("base/")),
    mounts: readFileSync("/proc/self/mountinfo", "utf8").includes(marker),
  }),
  "signals to everybody": async ({ options: { pid } }) => ({
    host: await attempt(() => process.kill(pid, 0)),
    all: await attempt(() => process.kill(-1, 0)),
  }),
  links: ({ folder }) => ({ entries: readdirSync(`/session/${folder}`) }),
};

function processes() {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name));
}
