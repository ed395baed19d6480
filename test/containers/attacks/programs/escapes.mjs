// Attacks on the container's walls.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
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
const start = (program, ...args) => {
  const options = { env: { LD_LIBRARY_PATH: "/session/base/tools/lib" }, encoding: "utf8" };
  return spawnSync(`/session/base/tools/${program}`, args, options);
};
const run = (program, ...args) => {
  const { status, stderr, error } = start(program, ...args);
  return error ? error.code : `${status}: ${stderr.trim()}`;
};
/** Perl can make any system call without a compiler. */
const perl = (script) => JSON.parse(start("perl", "-e", script).stdout);

/** By their numbers on x86-64, with arguments that would be taken where the call is allowed. */
const FORBIDDEN = {
  pivot_root: [155, 0, 0],
  chroot: [161, '"/tmp"'],
  acct: [163, 0],
  settimeofday: [164, 0, 0],
  mount: [165, 0, 0, 0, 0, 0],
  swapon: [167, 0, 0],
  reboot: [169, 0xfee1dead, 672274793, 0x89abcdef, 0],
  sethostname: [170, '"evil"', 4],
  iopl: [172, 3],
  init_module: [175, 0, 0, '""'],
  clock_settime: [227, 0, 0],
  kexec_load: [246, 0, 0, 0, 0],
  add_key: [248, '"user"', '"evil"', 0, 0, -3],
  keyctl: [250, 0, 0],
  unshare: [272, 0x10000000],
  perf_event_open: [298, 0, 0, -1, -1, 0],
  fanotify_init: [300, 0, 0],
  open_by_handle_at: [304, -1, 0, 0],
  setns: [308, 0, 0],
  process_vm_readv: [310, 1, 0, 0, 0, 0, 0],
  bpf: [321, 0, 0, 0],
  userfaultfd: [323, 0],
  open_tree: [428, -100, '"/tmp"', 1],
  fsopen: [430, '"tmpfs"', 0],
};
const SYSTEM_CALLS = `print "{", join(",", map { $! = 0; my ($name, @call) = @$_; my $how = syscall($call[0], @call[1..$#call]);
  sprintf q("%s":"%s"), $name, $how == -1 ? $! : "done" } (${Object.entries(FORBIDDEN)
    .map(([name, call]) => `["${name}", ${call.join(", ")}]`)
    .join(", ")})), "}"`;
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
  "forbidden system calls": () => perl(SYSTEM_CALLS),
  /** Held as long as the session lives, by a process that nobody waits for. */
  "file watches": async ({ options: { most } }) => {
    const script = `my $n = 0; $n++ while $n < ${most} && syscall(253) >= 0; $| = 1; print "$n\n"; sleep`;
    const env = { LD_LIBRARY_PATH: "/session/base/tools/lib" };
    const child = spawn("/session/base/tools/perl", ["-e", script], { env, stdio: ["ignore", "pipe", "inherit"] });
    const [watches] = await once(child.stdout, "data");
    return { watches: Number(watches) };
  },
  "abstract socket": ({ options: { name } }) =>
    all({
      connect: () => new Promise((resolve, reject) => connect(name).once("connect", resolve).once("error", reject)),
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
