import { testTaskType } from "../../core/contract/testing/test-task-type.ts";
import { instruct } from "./index.ts";

const rows = [
  { loss: 2, tokens: 4 },
  { loss: 1, tokens: 1 },
];
const test = { rows, loss: 1.5, tokenLoss: 1.8 };
const synth = { rows: [{ loss: 2.5, tokens: 2 }], loss: 2.5, tokenLoss: 2.5 };
const allColumns = { instruction: "question", output: "answer", input: "context", system: "persona" };

testTaskType(instruct, {
  valid: [
    {
      name: "a task that says nothing but its kind",
      spec: {},
      facts: { rows: 9_999 },
      hours: [1, 3],
      rows: [
        {
          row: { instruction: "Translate to Spanish: Germany", output: "Alemania" },
          rendered: {
            segments: [
              { text: "Translate to Spanish: Germany\n", counts: false },
              { text: "Alemania", counts: true },
            ],
          },
        },
        {
          row: { instruction: "Repeat {output} and {input}.", output: "{instruction}" },
          rendered: {
            segments: [
              { text: "Repeat {output} and {input}.\n", counts: false },
              { text: "{instruction}", counts: true },
            ],
          },
        },
      ],
      output: { sets: { test, synth }, durationMs: 12 },
      losses: {
        testLoss: 1.5,
        synthLoss: 2.5,
        components: { test: 1.5, synth: 2.5 },
        rowLosses: { test: [2, 1], synth: [2.5] },
        metrics: { testTokenLoss: 1.8, synthTokenLoss: 2.5 },
      },
      weightedLoss: 1.8,
    },
    {
      name: "four columns of other names, in a data set of 100,000 rows",
      spec: { columns: allColumns },
      facts: { rows: 100_000 },
      hours: [7, 10],
      rows: [
        {
          row: { instruction: "Sum up.", output: "Rain.", input: "It rained\nall day.", system: "Be brief." },
          rendered: {
            segments: [
              { text: "Be brief.\nSum up.\nIt rained\nall day.\n", counts: false },
              { text: "Rain.", counts: true },
            ],
          },
        },
        {
          row: { instruction: "Sum up.", output: "Rain." },
          rendered: {
            segments: [
              { text: "Sum up.\n", counts: false },
              { text: "Rain.", counts: true },
            ],
          },
        },
      ],
      output: { sets: { test }, durationMs: 0 },
      losses: { testLoss: 1.5, synthLoss: null, components: { test: 1.5 }, metrics: { testTokenLoss: 1.8 } },
      weightedLoss: 1.5,
    },
    {
      name: "a prompt template of its own",
      spec: { promptTemplate: "Q: {instruction}\nA:" },
      rows: [
        {
          row: { instruction: "Why?", output: " Because." },
          rendered: {
            segments: [
              { text: "Q: Why?\nA:", counts: false },
              { text: " Because.", counts: true },
            ],
          },
        },
      ],
    },
  ],
  invalid: [
    { name: "an empty column name", spec: { columns: { output: "" } }, at: "columns.output" },
    { name: "an unknown column role", spec: { columns: { answer: "a" } }, at: "columns" },
    { name: "one column in two roles", spec: { columns: { input: "instruction" } }, at: "columns.input" },
    { name: "a template without the instruction", spec: { promptTemplate: "Q:" }, at: "promptTemplate" },
    { name: "an unknown placeholder", spec: { promptTemplate: "{instruction} {question}" }, at: "promptTemplate" },
    {
      name: "a template that leaves out a column",
      spec: { columns: { input: "context" }, promptTemplate: "{instruction}" },
      at: "promptTemplate",
    },
    { name: "a row without an answer", spec: {}, row: { instruction: "Why?", output: " " }, at: "output" },
    { name: "a row with a broken character", spec: {}, row: { instruction: "\ud800", output: "x" }, at: "instruction" },
    { name: "a role that has no column", spec: {}, row: { instruction: "Why?", output: "x", input: "y" }, at: "" },
    {
      name: "a loss that the rows don't amount to",
      spec: {},
      output: { sets: { test: { ...test, loss: 1.4 } }, durationMs: 1 },
      at: "sets.test.loss",
    },
    {
      name: "a token loss that the rows don't amount to",
      spec: {},
      output: { sets: { test: { ...test, tokenLoss: 1.7 } }, durationMs: 1 },
      at: "sets.test.tokenLoss",
    },
    {
      name: "an output without rows",
      spec: {},
      output: { sets: { test: { ...test, rows: [] } }, durationMs: 1 },
      at: "sets.test.rows",
    },
  ],
});
