import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { createInterface } from "node:readline";
import { z } from "zod";
import { childEnvironment } from "../../src/core/infra/config/index.ts";
import { packageFolder } from "../../src/core/infra/package-folder.ts";
import { CreateAccountDocument, CreateApiKeyDocument, createClient, present } from "../../src/sdk/index.ts";
import { runNode, type ProgramEnd } from "../helpers/run-program.ts";

const OPERATOR_KEY = "gr_operator_an-operator-with-plugins";

/** A market for two miners and one small task; everything about plugins is at its default. */
export const settingsOf = (folder: string, databaseUrl: string): Readonly<Record<string, string>> => ({
  GRADIENTS_PORT: "0",
  GRADIENTS_LOG_LEVEL: "warn",
  GRADIENTS_DATA_FOLDER: join(folder, "data"),
  GRADIENTS_DATABASE_URL: databaseUrl,
  GRADIENTS_OPERATOR_API_KEY: OPERATOR_KEY,
  GRADIENTS_POOL_MIN: "2",
  GRADIENTS_POOL_MAX: "2",
  GRADIENTS_MIN_MINERS: "2",
  GRADIENTS_BUDGET_MIN_SECONDS: "1",
});

/** A server that was started in the operator's folder. Disposing it ends it. */
export interface OperatorsServer extends AsyncDisposable {
  readonly url: string;
}

export async function startServer(
  folder: string,
  settings: Readonly<Record<string, string>>,
): Promise<OperatorsServer> {
  const child = forkServer(folder, settings);
  const ended = once(child, "exit");
  const url = await readyUrl(child);
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** Starts a server that does not start: its exit code and what it says. */
export async function failToStart(folder: string, settings: Readonly<Record<string, string>>) {
  const child = forkServer(folder, settings);
  const [words, [code]] = await Promise.all([child.stderr && text(child.stderr), once(child, "exit")]);
  return { code, words: words ?? "" };
}

function forkServer(folder: string, settings: Readonly<Record<string, string>>): ChildProcess {
  const program = join(packageFolder, "dist", "src", "server.js");
  return fork(program, [], { cwd: folder, env: childEnvironment(settings), execArgv: [], silent: true });
}

const Ready = z.object({ ready: z.literal(true), url: z.url() });

async function readyUrl(child: ChildProcess): Promise<string> {
  if (child.stdout === null || child.stderr === null) throw new Error("The server has no output.");
  const words = text(child.stderr);
  for await (const line of createInterface({ input: child.stdout })) return Ready.parse(JSON.parse(line)).url;
  throw new Error(`The server ended before it was ready:\n${await words}`);
}

/** `npm install` of a folder or a packed package in an operator's folder, without any registry. */
export async function npmInstall(folder: string, what: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: "an-operator", private: true }));
  const { code, stderr } = await npm(["install", "--offline", "--legacy-peer-deps", "--ignore-scripts", what], folder);
  if (code !== 0) throw new Error(`npm install failed:\n${stderr}`);
}

/** `npm pack`: the packed package's path. */
export async function npmPack(folder: string): Promise<string> {
  const { code, stdout, stderr } = await npm(["pack", "--json", "--ignore-scripts"], folder);
  if (code !== 0) throw new Error(`npm pack failed:\n${stderr}`);
  const [packed] = z.array(z.object({ filename: z.string() })).parse(JSON.parse(stdout));
  return join(folder, packed?.filename ?? "");
}

/** The paths of all files that `npm pack` would put into a package. */
export async function npmList(folder: string): Promise<readonly string[]> {
  const { code, stdout, stderr } = await npm(["pack", "--json", "--ignore-scripts", "--dry-run"], folder);
  if (code !== 0) throw new Error(`npm pack failed:\n${stderr}`);
  const packed = z.array(z.object({ files: z.array(z.object({ path: z.string() })) })).parse(JSON.parse(stdout));
  return packed.flatMap(({ files }) => files.map(({ path }) => path));
}

const runNpm = `
  import { spawnSync } from "node:child_process";
  const { status } = spawnSync("npm", process.argv.slice(1), { stdio: "inherit", shell: process.platform === "win32" });
  process.exitCode = status ?? 1;`;

const npm = (args: readonly string[], folder: string): Promise<ProgramEnd> =>
  runNode(["--input-type=module", "--eval", runNpm, "--", ...args], { folder });

/** A customer's key. */
export async function customerKey(url: string): Promise<string> {
  await using operator = createClient({ url, apiKey: OPERATOR_KEY });
  const account = { idempotencyKey: "customer", name: "A customer", kind: "CUSTOMER" as const };
  const { createAccount } = await operator.request(CreateAccountDocument, { input: account });
  const accountId = present(createAccount.account, "account").id;
  const key = { idempotencyKey: "key", accountId, label: "plugins", scopes: ["tasks:read", "tasks:write"] };
  const { createApiKey } = await operator.request(CreateApiKeyDocument, { input: key });
  return present(createApiKey.secret, "secret");
}
