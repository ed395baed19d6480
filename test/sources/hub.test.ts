import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { cancelTask, type App } from "../../src/core/app/index.ts";
import { finishEvaluation } from "../../src/core/app/evaluation/finish-evaluation.ts";
import { fetchSubmission } from "../../src/core/app/sources/fetch-submission.ts";
import { manifestDigest } from "../../src/core/app/sources/manifest-digest.ts";
import { LeaseLostError } from "../../src/core/infra/db/index.ts";
import { createModelSources } from "../../src/core/infra/sources/index.ts";
import { withTestApp } from "../helpers/test-app.ts";
import { TEST_SETTINGS } from "../helpers/test-settings.ts";
import { anAssignment, type AtWork } from "../intake/an-assignment.ts";
import { announce, aModel, sha256Of } from "../intake/an-upload.ts";
import { failure, valueOf } from "../intake/result.ts";
import { tinyBases } from "../intake/tiny-base.ts";
import { anOperator } from "../life/a-market.ts";
import { withTestHub, type HubFiles } from "./a-hub.ts";
import { aCommit, aRepo, fetchNow, hubModel, sealSource, verdictOf } from "./a-source.ts";

const hub = withTestHub();
const test = withTestApp({ parts: { bases: tinyBases } });
let app: App;
/** A miner at work for as long as these tests may take. */
let longAtWork: AtWork;
beforeAll(async () => {
  const settings = {
    ...TEST_SETTINGS,
    dataset: { ...TEST_SETTINGS.dataset, hubUrl: hub.url },
    uploads: { ...TEST_SETTINGS.uploads, maxPerAssignment: 100 },
  };
  app = { ...test.app, settings, sources: createModelSources(settings) };
  longAtWork = await anAssignment(app, { task: { deadline: new Date("2027-01-01"), dueAt: new Date("2027-01-01") } });
});
beforeEach(() => {
  hub.interrupt(null);
  hub.requests.length = 0;
});

/** A published repository, sealed by a miner at work. */
async function sealed(files: HubFiles = hubModel(), given: { manifestDigest?: string; at?: AtWork } = {}) {
  const { at = longAtWork, ...more } = given;
  const [repo, commit] = [aRepo(), aCommit()];
  hub.publish(repo, commit, files);
  const submission = valueOf(await sealSource(app, at, { huggingFace: { repo, commit, ...more } }));
  return { at, repo, commit, id: submission.id, submission };
}

const submissionNow = (id: string) => app.store.findOne("submissions", { id });
const downloads = () => hub.requests.filter((path) => path.includes("/resolve/"));

describe("a repository at a commit", () => {
  it("is sealed at once, fetched after, and inspected like an upload", async () => {
    const { id, at, repo, commit, submission } = await sealed(hubModel(), { at: await anAssignment(app) });
    expect(submission).toMatchObject({
      uploadId: null,
      source: { kind: "HUGGING_FACE", repo, commit },
      files: [],
      staticVerdict: { status: "PENDING" },
    });
    expect(hub.requests).toEqual([]);
    expect(await verdictOf(app, id)).toMatchObject({ staticVerdict: { status: "VALID" }, files: announce(aModel()) });
    const events = await app.store.find("minerEvents", { minerId: at.miner.minerId }, { orderBy: { sequence: "asc" } });
    const statuses = events.map(({ payload }) => payload["staticVerdict"]);
    expect(statuses).toMatchObject([{ status: "PENDING" }, { status: "VALID" }]);
    for (const { sha256, bytes } of announce(aModel()))
      expect(await app.artifacts.stat(sha256)).toEqual({ sha256, bytes });
  });

  it("has the commitments of an upload of the same files", async () => {
    const files = announce(aModel(3));
    const { id } = await sealed(hubModel(3), { manifestDigest: manifestDigest(files) });
    expect(manifestDigest((await verdictOf(app, id)).files)).toBe(manifestDigest(files.toReversed()));
  });

  it("is asked for its list before any file, and for no file of git's own", async () => {
    const { id, repo, commit } = await sealed();
    await fetchNow(app, id);
    expect(hub.requests.slice(0, 2)).toEqual([
      `/api/models/${repo}/revision/${commit}`,
      `/api/models/${repo}/tree/${commit}?recursive=true`,
    ]);
    expect(downloads().every((path) => !path.includes(".git"))).toBe(true);
  });

  it("counts when it arrives after the deadline, and not when it is sealed after it", async () => {
    const { id, at } = await sealed(hubModel(), { at: await anAssignment(app) });
    test.clock.advance(61_000);
    expect((await verdictOf(app, id)).staticVerdict.status).toBe("VALID");
    const late = { huggingFace: { repo: aRepo(), commit: aCommit() } };
    expect(await sealSource(app, at, late)).toEqual(failure("DEADLINE_PASSED"));
  });

  it("is the same submission when the seal is repeated, and another repository is a conflict", async () => {
    const at = longAtWork;
    const idempotencyKey = randomUUID();
    const source = { huggingFace: { repo: aRepo(), commit: aCommit() } };
    const first = valueOf(await sealSource(app, at, source, { idempotencyKey }));
    expect(valueOf(await sealSource(app, at, source, { idempotencyKey })).id).toBe(first.id);
    const other = { huggingFace: { repo: aRepo(), commit: aCommit() } };
    expect(await sealSource(app, at, other, { idempotencyKey })).toEqual(failure("IDEMPOTENCY_CONFLICT"));
  });

  it("is one seal of five, and none after a final one", async () => {
    const at = await anAssignment(app);
    const source = () => ({ huggingFace: { repo: aRepo(), commit: aCommit() } });
    for (let count = 0; count < 5; count += 1) valueOf(await sealSource(test.app, at, source()));
    expect(await sealSource(test.app, at, source())).toEqual(failure("TOO_MANY_SEALS"));
    valueOf(await sealSource(app, at, source(), { final: true }));
    expect(await sealSource(app, at, source())).toEqual(failure("SEALED_FINAL"));
    expect(await app.store.findOne("assignments", { id: at.assignmentId })).toMatchObject({ status: "SEALED" });
  });

  it.each([
    ["a branch", { repo: "a/b", commit: "main" }],
    ["a short commit", { repo: "a/b", commit: "abcdef0" }],
    ["a path as a repository", { repo: "../../etc", commit: "a".repeat(40) }],
    ["a repository with a query", { repo: "a/b?x=1", commit: "a".repeat(40) }],
  ])("is refused as %s", async (_, huggingFace) => {
    expect(await sealSource(app, longAtWork, { huggingFace })).toEqual(failure("INVALID_INPUT"));
  });

  it("is either an upload or a source, and from where the operator allows", async () => {
    const at = longAtWork;
    const huggingFace = { repo: "a/b", commit: aCommit() };
    expect(await sealSource(app, at, { huggingFace }, { uploadId: randomUUID() })).toEqual(failure("INVALID_INPUT"));
    expect(await sealSource(app, at, {})).toEqual(failure("INVALID_INPUT"));
    const settings = { ...app.settings, sources: { ...app.settings.sources, hub: false } };
    const closed = { ...app, settings, sources: createModelSources(settings) };
    expect(await sealSource(closed, at, { huggingFace })).toEqual(failure("SOURCE_NOT_ALLOWED"));
  });
});

describe("what is wrong with a repository", () => {
  const model = hubModel();
  it.each<[string, HubFiles, string, RegExp]>([
    [
      "a pickle by name",
      { ...model, "pytorch_model.bin": { bytes: Buffer.from("x") } },
      "SOURCE_REFUSED",
      /pytorch_model/,
    ],
    ["code", { ...model, "modeling_own.py": { bytes: Buffer.from("x") } }, "SOURCE_REFUSED", /modeling_own/],
    [
      "a folder",
      { ...model, sub: { bytes: Buffer.from("x"), listed: { type: "directory" } } },
      "SOURCE_REFUSED",
      /folder/,
    ],
    ["a path out of it", { ...model, "../../x": { bytes: Buffer.from("x") } }, "SOURCE_REFUSED", /\.\.\/\.\.\/x/],
    [
      "a submodule",
      { ...model, mod: { bytes: Buffer.from("x"), listed: { type: "commit" } } },
      "SOURCE_REFUSED",
      /commit/,
    ],
    [
      "more bytes than allowed",
      { ...model, "README.md": { bytes: Buffer.from("x"), listed: { size: 1e12 } } },
      "SOURCE_REFUSED",
      /at most/,
    ],
    ["no files", {}, "SOURCE_REFUSED", /1 to/],
  ])("%s is found in the list, and nothing is downloaded", async (_, files, code, message) => {
    const { id } = await sealed(files);
    expect((await verdictOf(app, id)).staticVerdict).toMatchObject({
      status: "INVALID",
      code,
      message: expect.stringMatching(message),
    });
    expect(downloads()).toEqual([]);
  });

  it("10,000 files are refused by their list's first page", async () => {
    hub.interrupt((path, response) => {
      if (!path.includes("/tree/")) return false;
      response.writeHead(200, { link: `<${hub.url}${path}&cursor=x>; rel="next"` }).end("[]");
      return true;
    });
    const { id } = await sealed();
    expect((await verdictOf(app, id)).staticVerdict).toMatchObject({ code: "SOURCE_REFUSED" });
  });

  it("a branch that is named like a commit is none", async () => {
    hub.interrupt((path, response) => {
      if (!path.includes("/revision/")) return false;
      response.end(JSON.stringify({ sha: "f".repeat(40) }));
      return true;
    });
    const { id } = await sealed();
    expect((await verdictOf(app, id)).staticVerdict).toMatchObject({ code: "SOURCE_REFUSED", message: /a name of/ });
  });

  it("gone, or not there for everybody, it is the miner's fault, told within seconds", async () => {
    const { id, repo, at } = await sealed();
    hub.remove(repo);
    for (const waitMs of [5_000, 10_000]) {
      expect(await fetchNow(app, id)).toMatchObject({ status: "PENDING", problem: { code: "SOURCE_NOT_FOUND" } });
      test.clock.advance(waitMs);
    }
    const { staticVerdict } = await verdictOf(app, id);
    expect(staticVerdict).toMatchObject({ status: "INVALID", code: "SOURCE_NOT_FOUND" });
    const events = await app.store.find("minerEvents", { minerId: at.miner.minerId });
    expect(events.map(({ payload }) => payload["staticVerdict"])).toContainEqual(staticVerdict);
  });

  it("that is published only after its seal is found, so nobody can seal it first", async () => {
    const [repo, commit] = [aRepo(), aCommit()];
    const { id } = valueOf(await sealSource(app, longAtWork, { huggingFace: { repo, commit } }));
    expect(await fetchNow(app, id)).toMatchObject({ status: "PENDING" });
    hub.publish(repo, commit, hubModel());
    test.clock.advance(5_000);
    expect((await verdictOf(app, id)).staticVerdict.status).toBe("VALID");
  });

  it("another manifest than the sealed one", async () => {
    const { id } = await sealed(hubModel(2), { manifestDigest: manifestDigest(announce(aModel(9))) });
    expect((await verdictOf(app, id)).staticVerdict).toMatchObject({ code: "SOURCE_CHANGED" });
    expect(downloads().some((path) => path.includes("safetensors"))).toBe(false);
  });

  it("bytes that are not the listed ones are kept nowhere; twice is the way's fault, three times the repository's", async () => {
    const wrong = Buffer.alloc(aModel()["model.safetensors"]?.length ?? 0, 7);
    hub.interrupt((path, response) => {
      if (!path.endsWith("model.safetensors")) return false;
      response.end(wrong);
      return true;
    });
    const { id } = await sealed();
    for (const attempts of [1, 2]) {
      expect(await fetchNow(app, id)).toMatchObject({
        status: "PENDING",
        attempts,
        problem: { code: "SOURCE_CORRUPT" },
      });
      test.clock.advance(600_000);
    }
    expect((await verdictOf(app, id)).staticVerdict).toMatchObject({ code: "SOURCE_CHANGED" });
    expect(await app.artifacts.stat(sha256Of(wrong))).toBeNull();
  });

  it("more bytes than listed are cut off", async () => {
    let sent = 0;
    hub.interrupt((path, response) => {
      if (!path.endsWith("model.safetensors")) return false;
      const more = (): void => {
        sent += 1;
        if (!response.destroyed && sent < 10_000) response.write(Buffer.alloc(65_536), more);
      };
      more();
      return true;
    });
    const { id } = await sealed();
    expect(await fetchNow(app, id)).toMatchObject({ problem: { code: "SOURCE_CORRUPT" } });
    expect(sent).toBeLessThan(1_000);
  });
});

describe("a hub that fails", () => {
  const busy = (status: number) =>
    hub.interrupt((_, response) => {
      response.writeHead(status).end();
      return true;
    });

  it.each([500, 429, 403])("with %i is asked again later, and nobody is charged", async (status) => {
    const { id } = await sealed();
    busy(status);
    expect(await fetchNow(app, id)).toMatchObject({ status: "PENDING", attempts: 1 });
    expect((await submissionNow(id))?.staticVerdict.status).toBe("PENDING");
    hub.interrupt(null);
    expect(await fetchNow(app, id)).toMatchObject({ status: "PENDING" });
    test.clock.advance(5_000);
    expect((await verdictOf(app, id)).staticVerdict.status).toBe("VALID");
  });

  it("keeps the task waiting, then blocks it for the operator, and never charges the miner", async () => {
    const { id, at } = await sealed();
    busy(503);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await fetchSubmission(app, id);
      test.clock.advance(600_000);
    }
    const fetch = await app.store.findOne("sourceFetches", { submissionId: id });
    expect(fetch).toMatchObject({ status: "STALLED", problem: { code: "SOURCE_UNREACHABLE" } });
    expect((await submissionNow(id))?.staticVerdict.status).toBe("PENDING");
    expect(at.taskId).toBe(fetch?.taskId);
  });

  it("in the middle of a file is taken up where whole files were stored", async () => {
    const { id } = await sealed(hubModel(5));
    let broken = false;
    hub.interrupt((path, response) => {
      if (broken || !path.endsWith("model.safetensors")) return false;
      broken = true;
      response.writeHead(200, { "content-length": 1000 });
      response.write(Buffer.alloc(10), () => response.destroy());
      return true;
    });
    const first = await fetchNow(app, id);
    expect(first).toMatchObject({ status: "PENDING", files: announce(aModel(5)) });
    expect(first.stored).toEqual([announce(aModel(5))[0]?.sha256]);
    test.clock.advance(5_000);
    hub.requests.length = 0;
    expect((await verdictOf(app, id)).staticVerdict.status).toBe("VALID");
    expect(downloads()).toHaveLength(1);
  });

  it("shows nothing of a file to redirect to a host that nobody allowed", async () => {
    const { id } = await sealed();
    hub.interrupt((path, response) => {
      if (!path.includes("/resolve/")) return false;
      response.writeHead(302, { location: "http://169.254.169.254/latest/meta-data" }).end();
      return true;
    });
    expect(await fetchNow(app, id)).toMatchObject({
      problem: { message: expect.stringContaining("169.254.169.254 is not") },
    });
  });
});

describe("whoever fetches", () => {
  it("does it alone: two at once download once", async () => {
    const { id } = await sealed();
    await Promise.all([fetchSubmission(app, id), fetchSubmission(app, id)]);
    expect(downloads().filter((path) => path.endsWith("model.safetensors"))).toHaveLength(1);
    expect(await app.store.findOne("sourceFetches", { submissionId: id })).toMatchObject({ status: "DONE" });
  });

  it("takes over from a process that died in the middle, whose late result changes nothing", async () => {
    const { id } = await sealed(hubModel(7));
    const { promise: stalled, resolve } = Promise.withResolvers<ServerResponse>();
    hub.interrupt((path, response) => {
      if (!path.endsWith("model.safetensors")) return false;
      resolve(response);
      return true;
    });
    const dead = fetchSubmission(app, id).catch((error: unknown) => error);
    const hanging = await stalled;
    hub.interrupt(null);
    // What the sweeper does with a holder that has gone silent.
    await app.store.transaction((tx) => tx.remove("leases", { resource: `fetch:${id}` }));
    expect((await verdictOf(app, id)).staticVerdict.status).toBe("VALID");
    hanging.end(aModel(7)["model.safetensors"]);
    expect(await dead).toBeInstanceOf(LeaseLostError);
    expect(await app.store.findOne("sourceFetches", { submissionId: id })).toMatchObject({
      status: "DONE",
      attempts: 0,
    });
  });

  it("does nothing for a task that was cancelled meanwhile", async () => {
    const { id, at } = await sealed(hubModel(), { at: await anAssignment(app) });
    valueOf(await cancelTask(app, anOperator, { taskId: at.taskId }));
    expect(await fetchNow(app, id)).toMatchObject({ status: "CANCELLED" });
    expect(hub.requests).toEqual([]);
  });
});

describe("a task whose models are on their way", () => {
  it("is not scored before they have arrived, and blocked where the platform gave up", async () => {
    const { id, at } = await sealed(hubModel(), { at: await anAssignment(app) });
    await app.store.transaction(async (tx) => {
      await tx.update("assignments", { id: at.assignmentId }, { status: "SEALED" });
      await tx.update("tasks", { id: at.taskId }, { status: "EVALUATING", dueAt: null });
      await tx.insert("evaluations", {
        id: randomUUID(),
        taskId: at.taskId,
        submissionId: null,
        attempt: 1,
        status: "INVALID",
        losses: null,
        weightedLoss: null,
        code: null,
        message: null,
        logTail: null,
        record: {},
        durationMs: 1,
        createdAt: test.clock.now(),
      });
    });
    await finishEvaluation(app, at.taskId);
    const waiting = { status: "EVALUATING", infrastructureFailures: 0 };
    expect(await app.store.findOne("tasks", { id: at.taskId })).toMatchObject(waiting);
    const problem = { code: "SOURCE_UNREACHABLE", message: "the hub answered 503" };
    await app.store.transaction((tx) =>
      tx.update("sourceFetches", { submissionId: id }, { status: "STALLED", problem }),
    );
    await finishEvaluation(app, at.taskId);
    expect(await app.store.findOne("tasks", { id: at.taskId })).toMatchObject({
      ...waiting,
      infrastructureFailures: 1,
    });
  });
});
