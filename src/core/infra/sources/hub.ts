import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { z } from "zod";
import type { ListedFile, SourceFault } from "../../app/ports.ts";
import type { ModelSource } from "../../app/records.ts";
import { ok, type Result } from "../../domain/index.ts";
import { isBusy, openUrl, type Gate } from "../download/index.ts";
import { hostGate } from "./host-list.ts";
import { notFound, refused, thrownFault, unreachable } from "./http-fault.ts";

type HubSource = Extract<ModelSource, { readonly kind: "HUGGING_FACE" }>;

/** A page of the list has a thousand entries at most. */
const MOST_LIST_BYTES = 4 * 1024 * 1024;
const HEX_40 = /^[0-9a-f]{40}$/;
/** Files of git itself, in every repository: never fetched. */
const GIT_FILES: ReadonlySet<string> = new Set([".gitattributes", ".gitignore"]);
/** The hub says so of a repository that is not there for everybody. */
const NOT_PUBLIC: ReadonlySet<string> = new Set([
  "RepoNotFound",
  "RevisionNotFound",
  "EntryNotFound",
  "GatedRepo",
  "DisabledRepo",
]);

const revision = z.object({ sha: z.string() });
const entry = z.object({
  type: z.string(),
  path: z.string(),
  size: z.int().nonnegative(),
  oid: z.string().regex(HEX_40),
  lfs: z.object({ oid: z.string().regex(/^[0-9a-f]{64}$/), size: z.int().nonnegative() }).optional(),
});

/**
 * Repositories of a hub with Hugging Face's API, read without a token: what a miner seals must be there for everybody, and
 * nobody can have the platform read what only the platform may.
 */
export function createHub(hubUrl: string, hosts: readonly string[]) {
  const origin = new URL(hubUrl).origin;
  const redirects = hostGate(hosts);
  const gate: Gate = (url) => (url.origin === origin ? "trusted" : redirects(url));

  async function ask(path: string, what: string, signal: AbortSignal): Promise<Result<IncomingMessage, SourceFault>> {
    try {
      const answer = await openUrl(`${hubUrl}${path}`, gate, signal);
      const fault = statusFault(answer, what);
      if (fault === null) return ok(answer);
      answer.destroy();
      return fault;
    } catch (error) {
      return thrownFault(error, what, signal);
    }
  }

  async function askJson<Shape extends z.ZodType>(
    shape: Shape,
    ...[path, what, signal]: Parameters<typeof ask>
  ): Promise<Result<z.output<Shape>, SourceFault>> {
    const answer = await ask(path, what, signal);
    if (!answer.ok) return answer;
    if (answer.value.headers.link?.includes('rel="next"')) {
      answer.value.destroy();
      return refused(`${what}: expected a model's files, found a list of more than one page`);
    }
    try {
      const bytes = await buffer(limited(answer.value));
      const parsed = shape.safeParse(JSON.parse(bytes.toString("utf8")));
      return parsed.success ? ok(parsed.data) : unreachable(`${what}: the hub answered something else`);
    } catch (error) {
      return thrownFault(error, what, signal);
    }
  }

  return {
    /** @param source a repository at a commit; a branch that is named like a commit is refused. */
    async list({ repo, commit }: HubSource, signal: AbortSignal): Promise<Result<readonly ListedFile[], SourceFault>> {
      const name = `${repo}@${commit}`;
      const found = await askJson(revision, `/api/models/${repo}/revision/${commit}`, name, signal);
      if (!found.ok) return found;
      if (found.value.sha !== commit)
        return refused(`${name}: expected a commit, found a name of the commit ${found.value.sha.slice(0, 40)}`);
      const tree = await askJson(
        z.array(entry.or(z.object({ type: z.literal("directory"), path: z.string() }))),
        `/api/models/${repo}/tree/${commit}?recursive=true`,
        name,
        signal,
      );
      if (!tree.ok) return tree;
      const files: ListedFile[] = [];
      for (const item of tree.value) {
        if (item.type === "directory" || !("oid" in item)) {
          return refused(`${name}: expected no folders, found ${JSON.stringify(item.path.slice(0, 100))}`);
        }
        if (item.type !== "file")
          return refused(`${name}: expected files only, found ${item.type} ${JSON.stringify(item.path.slice(0, 100))}`);
        if (!GIT_FILES.has(item.path)) files.push(toListed(item));
      }
      return ok(files);
    },
    async open({ repo, commit }: HubSource, path: string, signal: AbortSignal): Promise<Result<Readable, SourceFault>> {
      return ask(
        `/${repo}/resolve/${commit}/${path.split("/").map(encodeURIComponent).join("/")}`,
        `${path} of ${repo}@${commit}`,
        signal,
      );
    },
  };
}

function toListed({ path, size, oid, lfs }: z.output<typeof entry>): ListedFile {
  if (lfs) return { path, bytes: lfs.size, digest: { kind: "sha256", hex: lfs.oid } };
  return { path, bytes: size, digest: { kind: "git-sha1", hex: oid } };
}

function statusFault({ statusCode = 0, headers }: IncomingMessage, what: string) {
  if (statusCode === 200) return null;
  const said = String(headers["x-error-code"] ?? "");
  if (isBusy(statusCode)) return unreachable(`${what}: the hub answered ${statusCode}`);
  // Without a token, 401 is what the hub says of whatever is not public; 403 may as well come from something in between.
  if (NOT_PUBLIC.has(said) || statusCode === 401 || statusCode === 404 || statusCode === 410)
    return notFound(`${what} is not there for everybody (the hub answered ${statusCode}${said && ` ${said}`})`);
  return unreachable(`${what}: expected the answer 200, found ${statusCode}`);
}

async function* limited(answer: IncomingMessage): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_LIST_BYTES) throw new Error(`expected a list of at most ${MOST_LIST_BYTES} bytes, found more`);
    yield chunk;
  }
}
