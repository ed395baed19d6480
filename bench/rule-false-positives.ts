// node bench/rule-false-positives.ts: how often each rule finds something in simulated honest fields, as tables.
import type { JudgedField } from "../src/core/contract/index.ts";
import { duplicateLosses } from "../src/plugins/duplicate-losses/rule.ts";
import { suspiciousGap } from "../src/plugins/suspicious-gap/rule.ts";
import { falsePositives, type HonestWorld } from "./rules/honest-field.ts";

const fieldsPerCell = 300;
const sizes = [4, 6, 8, 12, 15, 25];

const judges = {
  "duplicate-losses": (field: JudgedField) =>
    duplicateLosses.judge(field, duplicateLosses.options.parse({})).findings.length,
  "suspicious-gap": (field: JudgedField) => suspiciousGap.judge(field, suspiciousGap.options.parse({})).findings.length,
  "suspicious-gap as in the paper, without standard errors": (field: JudgedField) =>
    suspiciousGap.judge(field, suspiciousGap.options.parse({ standardErrors: 0 })).findings.length,
};
const worlds: Readonly<Record<string, Omit<HonestWorld, "miners">>> = {
  "200 rows, alike miners": { testRows: 20, synthRows: 200, skillSpread: 0.05, rewriteShift: 1 },
  "200 rows, unlike miners": { testRows: 20, synthRows: 200, skillSpread: 0.2, rewriteShift: 1 },
  "1,000 rows, alike miners": { testRows: 100, synthRows: 300, skillSpread: 0.05, rewriteShift: 1 },
  "1,000 rows, unlike miners": { testRows: 100, synthRows: 300, skillSpread: 0.2, rewriteShift: 1 },
  "1,000 rows, rewrites 10 % harder": { testRows: 100, synthRows: 300, skillSpread: 0.1, rewriteShift: 1.1 },
  "10,000 rows, alike miners": { testRows: 1000, synthRows: 300, skillSpread: 0.05, rewriteShift: 1 },
  "10,000 rows, rewrites 20 % harder": { testRows: 1000, synthRows: 300, skillSpread: 0.1, rewriteShift: 1.2 },
};

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

for (const [rule, judge] of Object.entries(judges)) {
  console.log(`\n${rule}: honest submissions with a finding (honest fields with one)\n`);
  console.log(
    `| world | ${sizes.map((size) => `${size} miners`).join(" | ")} |\n| --- |${" --- |".repeat(sizes.length)}`,
  );
  for (const [name, world] of Object.entries(worlds)) {
    const cells = sizes.map((miners) => falsePositives(judge, { ...world, miners }, fieldsPerCell));
    console.log(
      `| ${name} | ${cells.map(({ submissions, fields }) => `${percent(submissions)} (${percent(fields)})`).join(" | ")} |`,
    );
  }
}
