import { createHash } from "node:crypto";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);

const loss = z.number().positive().nullable();
const losses = { testLoss: loss, synthLoss: loss, weightedLoss: loss };
const keptSet = z.object({
  file: z.string(),
  rows: z.array(z.object({ ids: z.array(z.number()), counts: z.array(z.boolean()) })),
});
const document = z.object({
  task: z.object({ id: z.uuid(), status: z.string() }),
  base: z.object(losses),
  submissions: z.array(
    z.object({
      miner: z.string(),
      strategy: z.string(),
      ...losses,
      improvement: z.number().nullable(),
      rank: z.number().nullable(),
      taskScore: z.number(),
      findings: z.array(z.object({ code: z.string(), verdict: z.string(), evidence: z.unknown() })),
      artifact: z.object({ path: z.string(), sha256: z.string() }),
    }),
  ),
  weightSet: z.object({ digest: z.string(), weights: z.array(z.object({ miner: z.string(), weight: z.number() })) }),
  seconds: z.number(),
  kept: z.object({ folder: z.string(), baseModel: z.string(), test: keptSet, synth: keptSet }),
});

let folder: string;
let result: z.output<typeof document>;

/** A small world: four miners, a few steps each; the same code as the whole demo. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gradients-demo-test-"));
  const options = [
    "--json",
    "--keep",
    "--miners",
    "4",
    "--steps",
    "12",
    "--seed",
    "test",
    "--out",
    join(folder, "plot"),
  ];
  const { stdout } = await run(process.execPath, ["dist/src/cli.js", "demo", ...options], {
    cwd: root,
    env: { ...process.env, TMPDIR: folder, TEMP: folder },
    maxBuffer: 64 * 1024 * 1024,
  });
  result = document.parse(JSON.parse(stdout));
}, 120_000);

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const submissionOf = (miner: string): (typeof result)["submissions"][number] => {
  const found = result.submissions.find((submission) => submission.miner === miner);
  if (found === undefined) throw new Error(`no submission of ${miner}`);
  return found;
};

describe("the demo", () => {
  it("scores real models that beat the base", () => {
    expect(result.task.status).toBe("SCORED");
    const winner = result.submissions.find(({ rank }) => rank === 1);
    expect(winner?.taskScore).toBe(3);
    expect(winner?.weightedLoss).toBeLessThan(result.base.weightedLoss ?? 0);
    expect(winner?.improvement).toBeGreaterThan(0.05);
  });

  it("catches the copy and the untouched base model", () => {
    expect(submissionOf("copycat")).toMatchObject({
      rank: null,
      taskScore: -1,
      findings: [{ code: "DUPLICATE", verdict: "DISQUALIFY" }],
    });
    expect(submissionOf("sloth")).toMatchObject({
      rank: null,
      taskScore: -1,
      findings: [{ code: "NOT_FINETUNED", verdict: "DISQUALIFY" }],
    });
    expect(submissionOf("ada").findings).toEqual([]);
  });

  it("publishes weights that sum to 1", () => {
    const sum = result.weightSet.weights.reduce((total, { weight }) => total + weight, 0);
    expect(sum).toBeCloseTo(1, 9);
  });

  it("keeps every artifact with the digest that it names", async () => {
    for (const { artifact } of result.submissions) {
      const digest = createHash("sha256")
        .update(await readFile(artifact.path))
        .digest("hex");
      expect(digest).toBe(artifact.sha256);
    }
  });

  it("names for each kept row its tokens and which of them count", async () => {
    for (const { file, rows } of [result.kept.test, result.kept.synth]) {
      const lines = (await readFile(file, "utf8")).trimEnd().split("\n");
      expect(rows).toHaveLength(lines.length);
      for (const { ids, counts } of rows) {
        expect(counts).toHaveLength(ids.length);
        expect(counts).toContain(true);
      }
    }
  });

  it("draws its plot as SVG and PNG", async () => {
    const plot = join(folder, "plot");
    expect((await readdir(plot)).sort()).toEqual(["losses.png", "losses.svg"]);
    const png = await readFile(join(plot, "losses.png"));
    expect(png.subarray(1, 4).toString("ascii")).toBe("PNG");
    expect(await readFile(join(plot, "losses.svg"), "utf8")).toContain("copycat");
  });
});
