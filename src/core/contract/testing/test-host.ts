import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JsonObject } from "../json.ts";
import type { LedgerEntry, PluginHost } from "../plugin-host.ts";

/** A host for tests: temporary folders, a log and a ledger in memory. Disposing it removes the folders. */
export interface TestHost extends PluginHost, AsyncDisposable {
  readonly messages: readonly {
    readonly level: "info" | "warn";
    readonly message: string;
    readonly fields: JsonObject;
  }[];
  readonly entries: readonly LedgerEntry[];
}

export async function createTestHost(): Promise<TestHost> {
  const folder = await mkdtemp(join(tmpdir(), "gradients-plugin-"));
  const dataFolder = join(folder, "data");
  const scratchFolder = join(folder, "scratch");
  await mkdir(dataFolder);
  await mkdir(scratchFolder);
  const messages: TestHost["messages"][number][] = [];
  const entries: LedgerEntry[] = [];
  const digestUpTo = (count: number) =>
    entries.slice(0, count).reduce(
      (chain, { digest }) =>
        createHash("sha256")
          .update(chain + digest)
          .digest("hex"),
      "",
    );
  return {
    dataFolder,
    scratchFolder,
    messages,
    entries,
    log: {
      info: (message, fields = {}) => void messages.push({ level: "info", message, fields }),
      warn: (message, fields = {}) => void messages.push({ level: "warn", message, fields }),
    },
    ledger: {
      async append(entry) {
        const known = entries.findIndex(({ weightSetId }) => weightSetId === entry.weightSetId);
        if (known === -1) entries.push(entry);
        const sequence = known === -1 ? entries.length : known + 1;
        return { sequence, chainDigest: digestUpTo(sequence) };
      },
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
