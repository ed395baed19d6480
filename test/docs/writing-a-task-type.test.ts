import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { packageFolder } from "../../src/core/infra/package-folder.ts";
import { stopPostmaster } from "../../src/core/infra/postgres/index.ts";
import { installDevDependencies, link } from "../plugins/an-author.ts";
import { blocksOf, type Block } from "./a-page.ts";

/** The page's, where another program may listen. */
const PORT = "4321";
const page = await readFile(join(packageFolder, "docs", "plugins", "writing-a-task-type.md"), "utf8");
const blocks = blocksOf(page.replaceAll(PORT, String(await freePort())));
const exampleFile = (path: string) => readFile(join(packageFolder, "examples", "plugin-chat", path), "utf8");

let home = "";
let folder = "";
const background: { readonly child: ChildProcess; readonly ended: Promise<unknown> }[] = [];
beforeAll(async () => {
  home = await realpath(await mkdtemp(join(tmpdir(), "gradients-page-")));
  await link(packageFolder, join(home, "gradients"));
  folder = home;
});
afterAll(async () => {
  for (const { child } of background) endGroup(child);
  await Promise.all(background.map(({ ended }) => ended));
  await stopPostmaster(join(home, "workshop", ".data", "postgres"));
  await rm(home, { recursive: true, force: true, maxRetries: 10 });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = z.object({ port: z.number() }).parse(server.address());
  server.close();
  await once(server, "close");
  return port;
}

/** What `npm install` does with these arguments, without a registry: links, and programs in .bin. */
async function install(what: string): Promise<void> {
  if (what.startsWith("./")) return link(resolve(folder, what), join(folder, "node_modules", what.slice(2)));
  if (what === "") await installDevDependencies(folder);
  else await link(resolve(folder, what), join(folder, "node_modules", "gradients"));
  const programs = {
    gradients: "dist/src/cli.js",
    tsc: "node_modules/typescript/bin/tsc",
    vitest: "node_modules/vitest/vitest.mjs",
  };
  const bin = join(folder, "node_modules", ".bin");
  await mkdir(bin, { recursive: true });
  for (const [name, path] of Object.entries(programs)) {
    await writeFile(join(bin, name), `#!/bin/sh\nexec "${process.execPath}" "${join(packageFolder, path)}" "$@"\n`);
    await chmod(join(bin, name), 0o755);
  }
  return undefined;
}

function shell(script: string): ChildProcess {
  const own = Object.entries(process.env).filter(([name]) => !/^(GRADIENTS_|VITEST|NODE_ENV|TEST$|npm_)/.test(name));
  const path = [dirname(process.execPath), process.env["PATH"]].join(delimiter);
  const env = { ...Object.fromEntries(own), PATH: path, HOME: home };
  return spawn("sh", ["-e", "-c", `exec 2>&1\n${script}`], {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
}

/** Like Ctrl-C in its terminal. */
function endGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, "SIGINT");
}

/** Runs commands one after the other; a `cd` lasts. Returns all that they printed. */
async function run(script: string): Promise<string> {
  let output = "";
  let rest = "";
  const runRest = async (): Promise<void> => {
    const child = shell(`${rest}\necho; pwd`);
    rest = "";
    const [printed, [code]] = await Promise.all([child.stdout ? text(child.stdout) : "", once(child, "close")]);
    if (code !== 0) throw new Error(`exit code ${code}:\n${printed}`);
    const lines = printed.trimEnd().split("\n");
    folder = lines.pop() ?? folder;
    output += lines.join("\n");
  };
  for (const line of script.trimEnd().split("\n")) {
    const installed = /^npm install ?(?<what>\S*)$/.exec(line)?.groups?.["what"];
    if (installed === undefined) rest += `${line}\n`;
    else {
      await runRest();
      await install(installed);
    }
  }
  await runRest();
  return output;
}

/** Starts commands in a terminal of their own and waits until they print something. */
async function start(script: string): Promise<void> {
  const child = shell(script);
  background.push({ child, ended: once(child, "close") });
  if (child.stdout === null) throw new Error("The shell has no output.");
  await once(child.stdout, "data");
  child.stdout.resume();
}

/** The first line of the page that was not printed, in this order; other lines may be between. */
function notPrinted(printed: string, expected: string): string | undefined {
  let rest = printed;
  return expected
    .trimEnd()
    .split("\n")
    .find((line) => {
      const place = rest.indexOf(line);
      rest = rest.slice(place + line.length);
      return place === -1;
    });
}

const titleOf = ({ language, words, text: content }: Block) => {
  if (language === "sh") return `runs: ${content.trimEnd().split("\n").at(-1)?.trim() ?? ""}`;
  return language === "text" ? "prints what the page says" : `writes ${words}`;
};

let printed = "";

/** Does what a block says; returns what it had to print and did not. */
async function follow({ language, words, text: content }: Block): Promise<string | undefined> {
  if (language === "text") return notPrinted(printed, content);
  if (language !== "sh") await writeFile(join(folder, words), content);
  else if (words === "background") await start(content);
  else {
    // Miners end when the task is scored.
    if (content.includes("task show")) await Promise.all(background.slice(1).map(({ ended }) => ended));
    printed = await run(content);
  }
  return undefined;
}

describe.runIf(process.platform !== "win32")(
  "a page that leads from an empty folder to the leaderboard",
  { timeout: 120_000 },
  () => {
    let failed = false;
    const steps = blocks.map((block, index) => ({ block, step: index + 1, title: titleOf(block) }));

    it.each(steps)("$step: $title", async ({ block }) => {
      if (failed) throw new Error("an earlier step failed");
      failed = true;
      expect({ missing: await follow(block), printed }).toMatchObject({ missing: undefined });
      failed = false;
    });

    it("has come to the example, but for its cases and pages", async () => {
      const written = blocks.filter(({ words }) => /^(src|data)\//.test(words) && words !== "src/conformance.ts");
      expect(written.map(({ words }) => words)).toHaveLength(9);
      for (const { words, text: content } of written) expect(content).toBe(await exampleFile(words));
    });
  },
);
