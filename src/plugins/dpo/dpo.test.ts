import { testTaskType } from "../../core/contract/testing/test-task-type.ts";
import { dpo } from "./index.ts";

const ln2 = Math.log(2);
const tie = { loss: ln2, chosenReward: -0.5, rejectedReward: -0.5 };
/** σ(ln 3) = 3/4, so the loss is −ln 0.75. */
const won = { loss: -Math.log(0.75), chosenReward: Math.log(3), rejectedReward: 0 };
const lost = { loss: -Math.log(0.25), chosenReward: 0, rejectedReward: Math.log(3) };
const test = {
  rows: [won, lost, tie, won],
  loss: (2 * won.loss + lost.loss + ln2) / 4,
  accuracy: 2.5 / 4,
  margin: Math.log(3) / 4,
};
const synth = { rows: [tie], loss: ln2, accuracy: 0.5, margin: 0 };
const base = { rows: [tie, tie], loss: ln2, accuracy: 0.5, margin: 0 };
const row = { prompt: "Translate to French: Germany", chosen: "Allemagne", rejected: "Germania" };

testTaskType(dpo, {
  valid: [
    {
      name: "a task that says nothing but its kind",
      spec: {},
      facts: { rows: 9_999 },
      hours: [1, 3],
      rows: [
        {
          row,
          rendered: {
            prompt: [{ text: "Translate to French: Germany\n", counts: false }],
            chosen: [{ text: "Allemagne", counts: true }],
            rejected: [{ text: "Germania", counts: true }],
          },
        },
        {
          row: { prompt: "Repeat {chosen}.", chosen: "{prompt}", rejected: "{system}" },
          rendered: {
            prompt: [{ text: "Repeat {chosen}.\n", counts: false }],
            chosen: [{ text: "{prompt}", counts: true }],
            rejected: [{ text: "{system}", counts: true }],
          },
        },
      ],
      output: { sets: { test, synth }, durationMs: 12 },
      losses: {
        testLoss: (2 * -Math.log(0.75) - Math.log(0.25) + ln2) / 4,
        synthLoss: ln2,
        components: { test: test.loss, synth: ln2 },
        rowLosses: { test: [won.loss, lost.loss, ln2, won.loss], synth: [ln2] },
        metrics: { testAccuracy: 0.625, testMargin: Math.log(3) / 4, synthAccuracy: 0.5, synthMargin: 0 },
      },
      weightedLoss: 0.7 * test.loss + 0.3 * ln2,
    },
    {
      name: "a task without SYNTH, whose model is the base itself",
      spec: {},
      output: { sets: { test: base }, durationMs: 0 },
      losses: {
        testLoss: ln2,
        synthLoss: null,
        components: { test: ln2 },
        metrics: { testAccuracy: 0.5, testMargin: 0 },
      },
      weightedLoss: ln2,
    },
    {
      name: "four columns of other names and a prompt template of its own",
      spec: {
        columns: { prompt: "question", chosen: "good", rejected: "bad", system: "persona" },
        promptTemplate: "{system}\nQ: {prompt}\nA:",
      },
      facts: { rows: 100_000 },
      hours: [7, 10],
      rows: [
        {
          row: { system: "Be brief.", prompt: "Why?", chosen: " Because.", rejected: " No." },
          rendered: {
            prompt: [{ text: "Be brief.\nQ: Why?\nA:", counts: false }],
            chosen: [{ text: " Because.", counts: true }],
            rejected: [{ text: " No.", counts: true }],
          },
        },
        {
          row: { prompt: "Why?", chosen: " Because.", rejected: " No." },
          rendered: {
            prompt: [{ text: "Q: Why?\nA:", counts: false }],
            chosen: [{ text: " Because.", counts: true }],
            rejected: [{ text: " No.", counts: true }],
          },
        },
      ],
    },
    {
      name: "another beta and other lengths",
      spec: { beta: 0.5, maxLength: 256, maxPromptLength: 64 },
      rows: [{ row }],
    },
  ],
  invalid: [
    { name: "an empty column name", spec: { columns: { chosen: "" } }, at: "columns.chosen" },
    { name: "an unknown column role", spec: { columns: { answer: "a" } }, at: "columns" },
    { name: "one column in two roles", spec: { columns: { rejected: "chosen" } }, at: "columns.rejected" },
    { name: "a template without the prompt", spec: { promptTemplate: "Q:" }, at: "promptTemplate" },
    { name: "a template with an answer", spec: { promptTemplate: "{prompt} {chosen}" }, at: "promptTemplate" },
    {
      name: "a template that leaves out the system column",
      spec: { columns: { system: "persona" }, promptTemplate: "{prompt}" },
      at: "promptTemplate",
    },
    { name: "a beta of zero", spec: { beta: 0 }, at: "beta" },
    { name: "a length that is no whole number", spec: { maxPromptLength: 1.5 }, at: "maxPromptLength" },
    { name: "a row without a rejected answer", spec: {}, row: { prompt: "Why?", chosen: "x" }, at: "rejected" },
    { name: "a row with an empty prompt", spec: {}, row: { ...row, prompt: " \n" }, at: "prompt" },
    { name: "a row whose answers are the same", spec: {}, row: { ...row, rejected: " Allemagne" }, at: "rejected" },
    { name: "a row with a broken character", spec: {}, row: { ...row, chosen: "\ud800" }, at: "chosen" },
    { name: "a role that has no column", spec: {}, row: { ...row, system: "x" }, at: "" },
    {
      name: "a row's loss that does not follow from its rewards",
      spec: {},
      output: { sets: { test: { ...base, rows: [tie, { ...tie, loss: 0.6 }] } }, durationMs: 1 },
      at: "sets.test.rows.1.loss",
    },
    {
      name: "a loss that the rows don't amount to",
      spec: {},
      output: { sets: { test: { ...test, loss: 0.5 } }, durationMs: 1 },
      at: "sets.test.loss",
    },
    {
      name: "an accuracy that the rows don't amount to",
      spec: {},
      output: { sets: { test: { ...test, accuracy: 1 } }, durationMs: 1 },
      at: "sets.test.accuracy",
    },
    {
      name: "a margin that the rows don't amount to",
      spec: {},
      output: { sets: { test: { ...test, margin: 0.3 } }, durationMs: 1 },
      at: "sets.test.margin",
    },
    {
      name: "an output without rows",
      spec: {},
      output: { sets: { test: { ...test, rows: [] } }, durationMs: 1 },
      at: "sets.test.rows",
    },
  ],
});
