import { describe, expect, it } from "vitest";
import { createCompetitors } from "./competitors.ts";
import { demoDocument } from "./demo-document.ts";
import type { DemoResult, TaskResult } from "./demo-result.ts";
import { createLiveView } from "./live-view.ts";
import { createPhases } from "./phases.ts";
import { plotOf, renderPlot } from "./plot.ts";
import { summaryLines } from "./summary.ts";

const kinds = ["words", "rewards"];
const competitors = createCompetitors(
  [
    { name: "ada", roles: new Map(kinds.map((kind) => [kind, { kind: "untouched" } as const])) },
    { name: "ben", roles: new Map([["words", { kind: "copier", of: "ada" }]]) },
  ],
  "seed",
  "/demo",
);
const [ada, ben] = competitors;
if (ada === undefined || ben === undefined) throw new Error("two competitors were asked for");

/** A scored task in which ada came first; a loss of the kind "rewards" is below zero. */
function aTask(kind: string, loss: number, baseLoss: number): TaskResult {
  const losses = { testLoss: loss, synthLoss: null, weightedLoss: loss };
  const improvement = (baseLoss - loss) / Math.abs(baseLoss);
  const baseline = { testLoss: baseLoss, synthLoss: null, weightedLoss: baseLoss };
  return {
    demo: { kind, isDefault: false, taskFile: "task.json", trainer: null, lossUnit: `units of ${kind}`, places: [] },
    task: {
      id: `task of ${kind}`,
      kind,
      title: `About ${kind}`,
      origin: "ORGANIC",
      status: "SCORED",
      version: 9,
      budgetSeconds: 600,
      delays: 0,
      datasetRows: 300,
      deadline: null,
      createdAt: "2026-01-01T00:00:00Z",
      scoredAt: null,
      failure: null,
      blocked: null,
      baseModel: { repo: "some/base", revision: "1", parameterCount: 1, contextLength: null },
      baseline,
      leaderboard: [
        {
          ...losses,
          rank: 1,
          strategy: "full",
          improvement,
          taskScore: 3,
          taskWeight: 1,
          adjustedScore: 3,
          reason: "FIRST",
          explanation: "the best",
          miner: { id: "1", name: "ada", hotkey: ada?.keyPair.hotkey ?? "" },
          submission: {
            id: "2",
            artifactKind: "FULL",
            digest: null,
            files: [{ path: "model.safetensors", bytes: 1, sha256: "ab" }],
          },
          findings: [],
        },
      ],
    },
    competitors,
    attachments: kind === "words" ? [] : [{ miner: "ada", name: "sheet.png", path: `/out/${kind}-ada-sheet.png` }],
    kept: null,
  };
}

const result = (...tasks: readonly TaskResult[]): DemoResult => ({
  tasks,
  weightSet: {
    id: "3",
    sequence: 2,
    policy: "paper",
    empty: false,
    digest: "cd",
    createdAt: "2026-01-01T00:00:00Z",
    ledgerSequence: null,
    chainDigest: null,
    findings: [],
    entries: [
      {
        hotkey: ada.keyPair.hotkey,
        temporalScore: 1,
        finalScore: 1,
        weight: 1,
        integer: 1e9,
        miner: { id: "1", name: "ada" },
      },
    ],
  },
});
const words = aTask("words", 3, 6);
const rewards = aTask("rewards", -0.5, -0.25);
const extra = { seconds: 1.26, plots: [["a.svg"], ["b.svg"]] };

describe("the document of a demo", () => {
  it("has everything of the only task at the top", () => {
    expect(demoDocument(result(words), extra)).toEqual({
      task: { id: "task of words", status: "SCORED" },
      base: { testLoss: 6, synthLoss: null, weightedLoss: 6 },
      submissions: [
        {
          miner: "ada",
          strategy: "full",
          testLoss: 3,
          synthLoss: null,
          weightedLoss: 3,
          improvement: 0.5,
          rank: 1,
          taskScore: 3,
          findings: [],
          artifact: { path: "model.safetensors", sha256: "ab" },
        },
      ],
      weightSet: { digest: "cd", weights: [{ miner: "ada", weight: 1 }] },
      seconds: 1.3,
      plots: ["a.svg"],
    });
  });

  it("has a list of several tasks, and what they weigh together", () => {
    const document = demoDocument(result(words, rewards), extra);
    expect(Object.keys(document)).toEqual(["tasks", "weightSet", "seconds"]);
    expect(document).toMatchObject({
      tasks: [
        { kind: "words", task: { id: "task of words" }, plots: ["a.svg"] },
        {
          kind: "rewards",
          base: { weightedLoss: -0.25 },
          submissions: [{ improvement: 1 }],
          attachments: [{ miner: "ada", name: "sheet.png", path: "/out/rewards-ada-sheet.png" }],
          plots: ["b.svg"],
        },
      ],
    });
  });
});

it("a summary has a leaderboard for each task, one weight set, and says where pictures are", () => {
  const phases = createPhases(() => 0);
  const lines = summaryLines(result(words, rewards), { phases, plots: extra.plots, keptFolder: null });
  expect(lines.filter((line) => /^(Task|Weight set|Plot:|Of) /.test(line))).toEqual([
    "Task words, task of words: About words",
    "Task rewards, task of rewards: About rewards",
    "Weight set 2 (paper), digest cd",
    "Plot: a.svg",
    "Plot: b.svg",
    "Of ada's evaluation, sheet.png: /out/rewards-ada-sheet.png",
  ]);
});

describe("a plot", () => {
  const bars = (task: TaskResult) =>
    [...renderPlot(plotOf(task)).matchAll(/<rect x="(?<x>[\d.]+)" y="[\d.]+" width="(?<width>[\d.]+)"/g)]
      .map(({ groups }) => [Number(groups?.["x"]), Number(groups?.["width"])])
      .slice(0, 2);

  it("draws losses above zero from the left", () => {
    expect(bars(words)).toEqual([
      [770, 160],
      [770, 320],
    ]);
  });

  it("draws losses below zero from the right", () => {
    expect(bars(rewards)).toEqual([
      [770, 320],
      [930, 160],
    ]);
  });

  it("says what unit the training loss has", () => {
    expect(renderPlot(plotOf(rewards))).toContain("running mean, units of rewards");
  });
});

describe("the live view of several tasks", () => {
  function shownBy(isTTY: boolean, happen: (view: ReturnType<typeof createLiveView>) => void): string {
    let written = "";
    const write = (text: string): void => {
      written = text;
    };
    using view = createLiveView({ isTTY, write, columns: 100 }, competitors, kinds);
    happen(view);
    return written;
  }

  it("is a table of miners and tasks on a terminal", () => {
    const entry = ada.entries.get("rewards");
    if (entry === undefined) throw new Error("ada takes both");
    Object.assign(entry, {
      activity: "training",
      progress: { step: 5, steps: 8, loss: -0.25, etaSeconds: 1, tokens: null },
    });
    const lines = shownBy(true, (view) => view.say("Something happened."))
      .split("\n")
      .map((line) => line.trimEnd());
    expect(lines).toEqual([
      "Something happened.",
      "             words               rewards",
      "  ada        signing in          ███░░  62 % -0.250",
      "  ben        signing in          -",
      "",
    ]);
  });

  it("names miner and task elsewhere", () => {
    const entry = ben.entries.get("words");
    if (entry === undefined) throw new Error("ben takes words");
    expect(shownBy(false, (view) => view.changed(ben, entry))).toBe(
      "  ben        words   signing in         copy of ada's model\n",
    );
  });
});
