import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { fetchSubmission } from "../../src/core/app/sources/fetch-submission.ts";
import { announce } from "../intake/an-upload.ts";
import { valueOf } from "../intake/result.ts";
import { hubModel, aCommit, aRepo, sealSource, type SourceInput } from "../sources/a-source.ts";
import type { HubFiles } from "../sources/a-hub.ts";
import { model, refusal, type Arena, type Outcome } from "./an-arena.ts";
import { endingAt, type Attack } from "./attack.ts";

/** Seals a source and fetches it once. */
async function seal(arena: Arena, source: SourceInput): Promise<Outcome> {
  const sealed = await sealSource(arena.app, await arena.attacker(), source);
  if (!sealed.ok) return refusal("seal", sealed.error);
  const { id: submissionId } = valueOf(sealed);
  // A repository is looked for more than once.
  for (let look = 0; look < 2; look += 1) {
    await fetchSubmission(arena.app, submissionId);
    const fetch = await arena.app.store.findOne("sourceFetches", { submissionId });
    if (fetch?.problem?.code !== "SOURCE_NOT_FOUND") break;
    arena.clock.advance(10_000);
  }
  await fetchSubmission(arena.app, submissionId);
  const fetch = await arena.app.store.findOne("sourceFetches", { submissionId });
  if (fetch?.status === "REFUSED") return { stage: "fetch", code: fetch.problem?.code ?? "", blamed: "MINER" };
  if (fetch?.status === "DONE") return arena.inspected(submissionId);
  return { stage: "fetch", code: fetch?.problem?.code ?? "", blamed: "NOBODY" };
}

type Interruption = (path: string, response: ServerResponse) => boolean;

/** A repository, with what the hub answers instead. */
const repository =
  (files: HubFiles, instead: Interruption | null = null): Attack["run"] =>
  async (arena) => {
    const [repo, commit] = [aRepo(), aCommit()];
    arena.hub.publish(repo, commit, files);
    arena.hub.interrupt(instead);
    try {
      return await seal(arena, { huggingFace: { repo, commit } });
    } finally {
      arena.hub.interrupt(null);
    }
  };

const respond =
  (part: string, status: number, headers: Readonly<Record<string, string>>, body: Buffer | string = ""): Interruption =>
  (path, response) => {
    if (!path.includes(part)) return false;
    response.writeHead(status, headers).end(body);
    return true;
  };

const weights = model()["model.safetensors"] ?? Buffer.alloc(0);

const listed = { type: "file", path: "config.json", size: 4, oid: "a".repeat(40) };

/** Objects behind links, all answered alike. */
const bucket =
  (answer: (response: ServerResponse) => void): Attack["run"] =>
  async (arena) => {
    arena.hub.interrupt((_, response) => {
      answer(response);
      return true;
    });
    const files = announce(model()).map((file) => ({ ...file, url: `${arena.hub.url}/bucket/${file.path}` }));
    try {
      return await seal(arena, { s3: { files } });
    } finally {
      arena.hub.interrupt(null);
    }
  };

/** Bytes as long as somebody reads them. */
const withoutEnd = (response: ServerResponse): void => {
  const more = (): void => void (response.destroyed || response.write(Buffer.alloc(65_536), more));
  more();
};

export const SOURCE_ATTACKS = [
  ...endingAt(
    { stage: "fetch", code: "SOURCE_REFUSED", blamed: "MINER" },
    {
      "a repository with a pickle beside its weights": repository({
        ...hubModel(),
        "training_args.bin": { bytes: weights },
      }),
      "a repository with a path out of it": repository({ ...hubModel(), "../../../etc/passwd": { bytes: weights } }),
      "a repository with a name that ends in a dot": repository({ ...hubModel(), "config.json.": { bytes: weights } }),
      "a repository that lists a file twice": repository(
        hubModel(),
        respond("/tree/", 200, {}, JSON.stringify([listed, listed])),
      ),
      "a repository whose list claims terabytes": repository({
        ...hubModel(),
        "README.md": { bytes: weights, listed: { size: 4e12 } },
      }),
      "a branch that is named like a commit": repository(
        hubModel(),
        respond("/revision/", 200, {}, JSON.stringify({ sha: "f".repeat(40) })),
      ),
    },
  ),
  ...endingAt(
    { stage: "inspection", code: "MALFORMED_MODEL", blamed: "MINER" },
    {
      // Git keeps a link as a file that holds its target, and nothing here makes a link of it.
      "a symbolic link in a repository": repository({
        ...hubModel(),
        "tokenizer_config.json": { bytes: Buffer.from("/etc/passwd") },
      }),
    },
  ),
  ...endingAt(
    { stage: "fetch", code: "SOURCE_NOT_FOUND", blamed: "MINER" },
    {
      "a repository that was never there": (arena) =>
        seal(arena, { huggingFace: { repo: aRepo(), commit: aCommit() } }),
      "a repository that only its owner may read": repository(
        hubModel(),
        respond("/revision/", 403, { "x-error-code": "GatedRepo" }),
      ),
    },
  ),
  ...endingAt(
    { stage: "fetch", code: "SOURCE_CORRUPT", blamed: "NOBODY" },
    {
      "bytes that are packed on the way, to burst here": repository(
        hubModel(),
        respond("model.safetensors", 200, { "content-encoding": "gzip" }, gzipSync(weights)),
      ),
    },
  ),
  ...endingAt(
    { stage: "fetch", code: "SOURCE_UNREACHABLE", blamed: "NOBODY" },
    {
      "a download that leads into the platform's own network": repository(
        hubModel(),
        respond("/resolve/", 302, { location: "http://169.254.169.254/latest/meta-data/iam" }),
      ),
      "a download that leads to a file of the server": repository(
        hubModel(),
        respond("/resolve/", 302, { location: "file:///etc/passwd" }),
      ),
      "downloads that lead to each other without end": repository(hubModel(), (path, response) => {
        if (!path.includes("/resolve/")) return false;
        response.writeHead(302, { location: path }).end();
        return true;
      }),
    },
  ),
  ...endingAt(
    { stage: "fetch", code: "SOURCE_CHANGED", blamed: "MINER" },
    {
      "an object that is replaced after its seal": async (arena) => {
        const other = Buffer.alloc(weights.length, 9);
        const outcome = await bucket((response) => void response.end(other))(arena);
        await arena.expectNotStored(other);
        return outcome;
      },
      "an object without end": bucket(withoutEnd),
    },
  ),
  ...endingAt(
    { stage: "seal", code: "SOURCE_NOT_ALLOWED", blamed: "MINER" },
    {
      "a link into the platform's own network": (arena) =>
        seal(arena, {
          s3: { files: announce(model()).map((file) => ({ ...file, url: "http://169.254.169.254/latest/meta-data" })) },
        }),
      "a link to a file of the server": (arena) =>
        seal(arena, { s3: { files: announce(model()).map((file) => ({ ...file, url: "file:///etc/passwd" })) } }),
    },
  ),
  ...endingAt(
    { stage: "seal", code: "INVALID_INPUT", blamed: "MINER" },
    {
      "a branch instead of a commit": (arena) => seal(arena, { huggingFace: { repo: aRepo(), commit: "main" } }),
      "a repository's name that is a path": (arena) =>
        seal(arena, { huggingFace: { repo: "../admin", commit: aCommit() } }),
    },
  ),
];
