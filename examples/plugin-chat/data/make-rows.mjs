// Makes data/rows.jsonl: conversations that are constructed from real names. Run with the path of a file of pairs of rows
// {prompt, chosen, rejected} that ask for the same thing in two languages: gradients' datasets/preferences/rows.jsonl.
import { readFileSync, writeFileSync } from "node:fs";

const [source = "../../datasets/preferences/rows.jsonl"] = process.argv.slice(2);
const pairs = readFileSync(source, "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line));
const languageOf = (prompt) => /Spanish|French|Italian/.exec(prompt)[0];
const rows = pairs.flatMap((first, index) => {
  const second = pairs[index + 1];
  if (index % 2 === 1 || second === undefined) return [];
  return [
    {
      messages: [
        { role: "user", content: first.prompt },
        { role: "assistant", content: first.chosen },
        { role: "user", content: `And in ${languageOf(second.prompt)}?` },
        { role: "assistant", content: second.chosen },
      ],
    },
  ];
});
writeFileSync(new URL("rows.jsonl", import.meta.url), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
