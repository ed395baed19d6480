import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll } from "vitest";

/** What a repository holds at one commit. `lfs` files are listed by their sha256, the others by git's sha1. */
export interface HubFile {
  readonly bytes: Buffer;
  readonly lfs?: boolean;
  /** What the list says instead of the truth. */
  readonly listed?: Readonly<Record<string, unknown>>;
}
export type HubFiles = Readonly<Record<string, HubFile>>;

/** A server with the part of Hugging Face's API that intake reads. */
export interface TestHub {
  readonly url: string;
  /** Every request's path, in order. */
  readonly requests: string[];
  publish(repo: string, commit: string, files: HubFiles): void;
  remove(repo: string): void;
  /** Answers requests whose path fits instead of the hub, as long as it returns true. */
  interrupt(handler: ((path: string, response: ServerResponse) => boolean) | null): void;
}

/** Gives the calling test file a hub. Use it inside of tests. */
export function withTestHub(): TestHub {
  const repos = new Map<string, HubFiles>();
  const requests: string[] = [];
  let interruption: ((path: string, response: ServerResponse) => boolean) | null = null;
  let url = "";
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    requests.push(path);
    if (interruption?.(path, response)) return;
    answer(repos, path, response);
  });
  beforeAll(async () => {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // a TCP server's address is never a text
  });
  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  return {
    get url() {
      return url;
    },
    requests,
    publish: (repo, commit, files) => void repos.set(`${repo}@${commit}`, files),
    remove(repo) {
      for (const key of repos.keys()) if (key.startsWith(`${repo}@`)) repos.delete(key);
    },
    interrupt(handler) {
      interruption = handler;
    },
  };
}

export const gitSha1 = (bytes: Buffer): string =>
  createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");

function answer(repos: ReadonlyMap<string, HubFiles>, path: string, response: ServerResponse): void {
  const api = /^\/api\/models\/([^/]+\/[^/]+)\/(revision|tree)\/([0-9a-f]{40})/.exec(path);
  const file = /^\/([^/]+\/[^/]+)\/resolve\/([0-9a-f]{40})\/(.+)$/.exec(path);
  const [repo, commit] = api ? [api[1], api[3]] : [file?.[1], file?.[2]];
  const files = repos.get(`${repo}@${commit}`);
  if (!files) return void response.writeHead(404, { "x-error-code": "RepoNotFound" }).end("{}");
  if (api) return void response.end(JSON.stringify(api[2] === "tree" ? listOf(files) : { sha: commit }));
  const found = files[decodeURIComponent(file?.[3] ?? "")];
  if (!found) return void response.writeHead(404, { "x-error-code": "EntryNotFound" }).end();
  response.end(found.bytes);
}

function listOf(files: HubFiles) {
  return Object.entries(files).map(([path, { bytes, lfs = false, listed = {} }]) => ({
    type: "file",
    oid: gitSha1(bytes),
    size: bytes.length,
    path,
    ...(lfs
      ? { lfs: { oid: createHash("sha256").update(bytes).digest("hex"), size: bytes.length, pointerSize: 134 } }
      : {}),
    ...listed,
  }));
}
