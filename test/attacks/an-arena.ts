import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, expect } from "vitest";
import type { App, AppError, BaseModelInfo, TaskRecord, UploadFile } from "../../src/core/app/index.ts";
import { modelsLeft } from "../../src/core/app/evaluation/models-left.ts";
import { inspectSubmission } from "../../src/core/app/submissions/inspect-submission.ts";
import { sealSubmission } from "../../src/core/app/submissions/seal-submission.ts";
import { createUpload } from "../../src/core/app/uploads/create-upload.ts";
import { createModelSources } from "../../src/core/infra/sources/index.ts";
import { withTestApp } from "../helpers/test-app.ts";
import type { TestClock } from "../helpers/test-clock.ts";
import { TEST_SETTINGS } from "../helpers/test-settings.ts";
import { aMiner, anAssignment, anOffer, aTask } from "../infra/sample-rows.ts";
import type { AtWork } from "../intake/an-assignment.ts";
import { aModel, announce, sha256Of, type Files } from "../intake/an-upload.ts";
import { valueOf } from "../intake/result.ts";
import { TINY_BASE, TINY_CONFIG } from "../intake/tiny-base.ts";
import { withTestHub, type TestHub } from "../sources/a-hub.ts";

/** Where an attack ended: the first thing that refused it, and who pays for it. */
export interface Outcome {
  readonly stage:
    | "createUpload"
    | "upload"
    | "completeUpload"
    | "seal"
    | "fetch"
    | "inspection"
    | "rule"
    | "createTask"
    | "rendering";
  readonly code: string;
  /** NOBODY: it is tried again, or did nothing. */
  readonly blamed: "MINER" | "CUSTOMER" | "NOBODY";
}

/** A task in training with honest models in it, and strangers who try things. */
export interface Arena {
  readonly app: App;
  readonly clock: TestClock;
  readonly hub: TestHub;
  /** A miner at work on the task. */
  attacker(): Promise<AtWork>;
  /** Announces a model. */
  announce(files: readonly UploadFile[]): Promise<Outcome>;
  /** Seals a model that has arrived; gives the submission's id. */
  seal(files: Files, artifactKind?: "FULL" | "LORA"): Promise<string>;
  /** What became of a sealed submission. */
  inspected(submissionId: string): Promise<Outcome>;
  /** The honest models are as they were. */
  expectUnharmed(): Promise<void>;
  /** They are the first to be evaluated, and nothing is that intake refused. */
  expectOnlyValidOnesLeft(): Promise<void>;
  /** Bytes that must not be in the artefact store. */
  expectNotStored(bytes: Buffer): Promise<void>;
}

export const TOKENIZER = {
  model: { type: "BPE", vocab: { a: 0, b: 1, c: 2 }, merges: [["a", "b"]] },
  added_tokens: [{ id: 3, content: "<s>" }],
  normalizer: null,
  pre_tokenizer: { type: "ByteLevel" },
};
export const CONFIG = { ...TINY_CONFIG, max_position_embeddings: 128 };

export const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

/** An honest model with these files changed. */
export const model = (changed: Readonly<Record<string, Buffer>> = {}): Files => ({
  ...aModel(),
  "config.json": json(CONFIG),
  ...changed,
});

export const refusal = (stage: Outcome["stage"], { code }: AppError): Outcome => ({ stage, code, blamed: "MINER" });
export const NOTHING_REFUSED = (stage: Outcome["stage"]): Outcome => ({ stage, code: "NOTHING", blamed: "NOBODY" });

/** Gives the calling test file an arena. Use it inside of tests. */
export function withArena(): Arena {
  const hub = withTestHub();
  const base: { current: BaseModelInfo } = { current: TINY_BASE };
  const test = withTestApp({
    parts: { bases: { find: async () => base.current, list: async () => [base.current] } },
  });
  let folder: string;
  let app: App;
  let task: TaskRecord;
  const honest: string[] = [];
  /** For whatever leaves nothing behind. */
  let shared: AtWork | undefined;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "gradients-arena-"));
    const tokenizer = json(TOKENIZER);
    await writeFile(join(folder, "tokenizer.json"), tokenizer);
    const files = [{ path: "tokenizer.json", bytes: tokenizer.length, sha256: sha256Of(tokenizer) }];
    base.current = { ...TINY_BASE, path: folder, files, config: CONFIG };
    const settings = {
      ...TEST_SETTINGS,
      dataset: { ...TEST_SETTINGS.dataset, hubUrl: hub.url },
      uploads: { ...TEST_SETTINGS.uploads, maxBytes: 3_000_000 },
      sources: { ...TEST_SETTINGS.sources, s3Hosts: [hub.url] },
    };
    app = { ...test.app, settings, sources: createModelSources(settings) };
    const deadline = new Date(test.clock.now().getTime() + 86_400_000);
    task = aTask({
      kind: "instruct",
      status: "TRAINING",
      trainingStartedAt: test.clock.now(),
      deadline,
      dueAt: deadline,
      baseRepo: TINY_BASE.repo,
      baseRevision: TINY_BASE.revision,
    });
    await app.store.transaction((tx) => tx.insert("tasks", task));
    for (const change of [1, 2]) {
      const files = { ...model({ "tokenizer.json": tokenizer }), "model.safetensors": weightsOf(change) };
      const id = await seal(files);
      expect((await inspectSubmission(app, id)).staticVerdict).toEqual({ status: "VALID", code: null, message: null });
      honest.push(id);
    }
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const weightsOf = (change: number): Buffer => aModel(change)["model.safetensors"] ?? Buffer.alloc(0);

  async function attacker(): Promise<AtWork> {
    const row = aMiner();
    const offer = anOffer(task, row);
    const assignment = anAssignment(offer, { status: "ACTIVE" });
    await app.store.transaction(async (tx) => {
      await tx.insert("miners", row);
      await tx.insert("offers", offer);
      await tx.insert("assignments", assignment);
    });
    const miner = { kind: "MINER", minerId: row.id, hotkey: row.hotkey } as const;
    return { miner, taskId: task.id, assignmentId: assignment.id };
  }

  /** As if it had been uploaded: what uploads refuse is tried elsewhere. */
  async function seal(files: Files, artifactKind: "FULL" | "LORA" = "FULL"): Promise<string> {
    const { miner, assignmentId } = await attacker();
    const upload = { id: randomUUID(), assignmentId, minerId: miner.minerId, files: announce(files) };
    for (const bytes of Object.values(files)) {
      if (await app.artifacts.stat(sha256Of(bytes))) continue;
      await app.artifacts.put(Readable.from([bytes]), { maxBytes: bytes.length });
    }
    const at = { status: "COMPLETE", expiresAt: test.clock.now(), createdAt: test.clock.now() } as const;
    await app.store.transaction((tx) => tx.insert("uploads", { ...upload, ...at }));
    const input = { idempotencyKey: randomUUID(), uploadId: upload.id, artifactKind, final: true, strategy: null };
    return valueOf(await sealSubmission(app, miner, input)).id;
  }

  async function inspected(submissionId: string): Promise<Outcome> {
    const { staticVerdict, facts } = await inspectSubmission(app, submissionId);
    if (staticVerdict.code === null) return NOTHING_REFUSED("inspection");
    expect(facts === null || facts.wrongBase || facts.wrongArchitecture).toBe(true);
    return { stage: "inspection", code: staticVerdict.code, blamed: "MINER" };
  }

  return {
    get app() {
      return app;
    },
    get clock() {
      return test.clock;
    },
    hub,
    attacker,
    inspected,
    seal,
    async announce(files) {
      shared ??= await attacker();
      const { miner, assignmentId } = shared;
      const upload = await createUpload(app, miner, { idempotencyKey: randomUUID(), assignmentId, files: [...files] });
      return upload.ok ? NOTHING_REFUSED("createUpload") : refusal("createUpload", upload.error);
    },
    async expectUnharmed() {
      const counting = await app.store.find("submissions", { id: { in: honest } });
      expect(counting.map(({ staticVerdict }) => staticVerdict.status)).toEqual(["VALID", "VALID"]);
      for (const { files } of counting) {
        for (const { sha256, bytes } of files) expect(await app.artifacts.stat(sha256)).toEqual({ sha256, bytes });
      }
    },
    async expectOnlyValidOnesLeft() {
      const left = await modelsLeft(app.store, { id: task.id, status: "TRAINING" });
      const ids = left.flatMap((candidate) => candidate?.id ?? []);
      expect(ids.slice(0, 2)).toEqual(honest);
      const others = await app.store.find("submissions", { id: { in: ids } });
      expect(others.every(({ staticVerdict }) => staticVerdict.status === "VALID")).toBe(true);
    },
    async expectNotStored(bytes) {
      expect(await app.artifacts.stat(sha256Of(bytes))).toBeNull();
    },
  };
}
