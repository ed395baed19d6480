import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { buffer } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { strToU8, zipSync } from "fflate";
import { decode } from "fast-png";
import { afterAll, expect, it } from "vitest";
import { z } from "zod";
import { advanceTask, attachmentsOf, createTask, type App } from "../../src/core/app/index.ts";
import { createTestHost } from "../../src/core/contract/testing/test-host.ts";
import { ok } from "../../src/core/domain/index.ts";
import { localRunner } from "../../src/eval-runners/local/index.ts";
import { createTestApp } from "../helpers/test-app.ts";
import { TEST_SETTINGS } from "../helpers/test-settings.ts";
import type { Files } from "../intake/an-upload.ts";
import { failure } from "../intake/result.ts";
import { aCustomer, aTaskInput, postTask, shippedBases, someMiners, taskNow } from "./a-market.ts";
import { scaledWeights, sealModel, startTraining } from "./a-trained-field.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const baseFolder = join(root, "models", "gradients-demo", "tiny-dit");
const host = await createTestHost();
afterAll(() => host[Symbol.asyncDispose]());
const evalRunner = localRunner.create(localRunner.options.parse({}), host);
const rowSchema = z.object({ image: z.string(), caption: z.string() });

const picture = (name: string): Buffer => readFileSync(join(root, "test", "plugins", "pictures", name));

/** The first demo pictures as somebody would zip them. */
async function aZip(rows: number): Promise<Uint8Array> {
  const lines = (await readFile(join(root, "datasets", "emoji-gestures", "rows.jsonl"), "utf8")).split("\n");
  const files = lines.slice(0, rows).flatMap((line, index) => {
    const { image, caption } = rowSchema.parse(JSON.parse(line));
    return [
      [`hands/${index}.png`, Buffer.from(image, "base64")],
      [`hands/${index}.txt`, strToU8(caption)],
    ] as const;
  });
  return zipSync(Object.fromEntries(files), { level: 0 });
}

const world = (zip: Uint8Array) =>
  createTestApp({
    parts: {
      bases: shippedBases,
      evalRunner,
      download: async () => ok(zip),
      settings: {
        ...TEST_SETTINGS,
        recruiting: { ...TEST_SETTINGS.recruiting, pool: { min: 2, max: 2 } },
        uploads: { ...TEST_SETTINGS.uploads, maxBytes: 10_000_000 },
        dataset: { ...TEST_SETTINGS.dataset, minRows: 10 },
      },
    },
  });

const scaledModel = async (scale: number): Promise<Files> => ({
  "config.json": await readFile(join(baseFolder, "config.json")),
  "model.safetensors": await scaledWeights(baseFolder, "norm.weight", scale),
});

const anImageTask = {
  kind: "image",
  baseModel: { repo: "gradients-demo/tiny-dit", revision: null },
  dataset: { url: "https://example.org/hands.zip" },
  spec: { seeds: 1, steps: 2 },
} as const;

async function readBlob(app: App, sha256: string): Promise<Uint8Array> {
  const stream = await app.artifacts.open(sha256);
  if (stream === null) throw new Error(`there is no blob ${sha256}`);
  return buffer(stream);
}

it("a zip of images becomes a task that is evaluated by reconstruction, scored, and shows a contact sheet", async () => {
  await using test = await world(await aZip(40));
  const { app } = test;
  const [near, far] = await someMiners(app, 2, ["image"]);
  if (!near || !far) throw new Error("expected two miners");
  const { id } = await postTask(app, anImageTask);
  await startTraining(app, id, [near, far]);
  await sealModel(app, id, near, await scaledModel(1.02), "nearly the base");
  await sealModel(app, id, far, await scaledModel(3), "far away");
  await advanceTask(app, id);
  await advanceTask(app, id);

  expect(await taskNow(app, id)).toMatchObject({ status: "SCORED", datasetRows: 40, synthMethod: null });
  const evaluations = await app.store.find("evaluations", { taskId: id });
  expect(evaluations).toHaveLength(3);
  // Of a few pictures with drawn noise, either model may come out better.
  const [best] = evaluations
    .filter(({ submissionId }) => submissionId !== null)
    .toSorted((a, b) => (a.losses?.testLoss ?? Infinity) - (b.losses?.testLoss ?? Infinity));
  expect(await app.store.findOne("scores", { taskId: id, rank: 1 })).toMatchObject({
    submissionId: best?.submissionId,
  });
  for (const evaluation of evaluations) {
    expect(evaluation.losses).toMatchObject({ synthLoss: null, components: { text: expect.any(Number) } });
    const [sheet] = attachmentsOf(evaluation);
    expect(sheet).toMatchObject({ name: "contact-sheet.png", mediaType: "image/png" });
    expect(decode(await readBlob(app, sheet?.sha256 ?? ""))).toMatchObject({ width: 4 * 36 + 4, height: 4 * 36 + 4 });
  }
}, 60_000);

it("a zip of JPEG and WebP pictures, some turned, is prepared as upright PNG for everybody", async () => {
  const names = [1, 2, 3, 4, 5, 6, 7, 8].map((turn) => `turned-${turn}.jpg`);
  const files = [...names, "lossy.webp", "turned-6.webp", "alpha.webp"].flatMap((name, index) => [
    [`${index}${extname(name)}`, picture(name)] as const,
    [`${index}.txt`, strToU8(`picture ${index}`)] as const,
  ]);
  await using test = await world(zipSync(Object.fromEntries(files), { level: 0 }));
  const { app } = test;
  const { id } = await postTask(app, anImageTask);
  await advanceTask(app, id);
  const split = await app.store.findOne("datasetSplits", { taskId: id, split: "TRAIN" });
  const lines = Buffer.from(await readBlob(app, split?.sha256 ?? ""))
    .toString("utf8")
    .trimEnd()
    .split("\n");
  const sides = lines.map((line) => {
    const { width, height } = decode(Buffer.from(rowSchema.parse(JSON.parse(line)).image, "base64"));
    return `${width} x ${height}`;
  });
  expect(sides).toEqual(Array.from({ length: 10 }, () => "16 x 24"));
});

it("a zip with a picture that lacks its caption fails in preparation and says which", async () => {
  const zip = zipSync({ "a.png": Uint8Array.of(1), "b.txt": strToU8("b") });
  await using test = await world(zip);
  const { app } = test;
  const { id } = await postTask(app, anImageTask);
  await advanceTask(app, id);
  expect(await taskNow(app, id)).toMatchObject({
    status: "FAILED",
    failure: { code: "PREPARATION_FAILED", message: expect.stringContaining('found none for "a.png"') },
  });
});

it("a base of another family is refused when the task is created, for images and for text", async () => {
  await using test = await world(await aZip(1));
  const { app } = test;
  const customer = await aCustomer(app);
  const onText = aTaskInput({ ...anImageTask, baseModel: { repo: "gradients-demo/tiny-llama", revision: null } });
  expect(await createTask(app, customer, onText)).toMatchObject(failure("UNFIT_BASE_MODEL"));
  const onImages = aTaskInput({ baseModel: anImageTask.baseModel });
  expect(await createTask(app, customer, onImages)).toMatchObject(failure("UNFIT_BASE_MODEL"));
});

it("rows that are sent along are checked at once, with row number, field and rule", async () => {
  await using test = await world(await aZip(1));
  const { app } = test;
  const good = picture("plain.png").toString("base64");
  const rows = [
    { file: good, caption: "a flag" },
    { file: Buffer.from("GIF89a").toString("base64"), caption: "a cat" },
    { file: good },
  ];
  const spec = { columns: { image: "file" } };
  const refused = await createTask(app, await aCustomer(app), aTaskInput({ ...anImageTask, spec, dataset: { rows } }));
  expect(refused).toMatchObject(failure("DATASET_ROW_INVALID"));
  expect(!refused.ok && refused.error).toMatchObject({
    message:
      "2 of 3 rows break a rule; the first: row 2: image: must be a PNG, JPEG or WebP file, found a GIF; row 3: caption: is missing",
    path: ["input", "dataset", "rows", "1", "file"],
  });
});
