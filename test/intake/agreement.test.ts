import { cpSync, createReadStream, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { ModelError } from "../../evaluators/embedded/engine/index.ts";
import { llamaFamily } from "../../evaluators/embedded/models/llama-family.ts";
import { inspectModel } from "../../src/core/app/submissions/inspection/inspect-model.ts";
import { modelFolder } from "../../src/core/app/submissions/inspection/model-folder.ts";
import { isAllowedFileName } from "../../src/core/app/uploads/file-names.ts";
import { findModelFiles } from "../../src/core/infra/models/model-files.ts";
import { readModel } from "../../src/core/infra/models/read-model.ts";
import { temporaryFolder } from "../engine/tiny-base.ts";
import { writeEmbeddedWorld } from "../plugins/embedded-world.ts";
import { accepted, refusedFulls, refusedLoras, type Spoil } from "./spoiled-models.ts";

type Kind = "LORA" | "FULL";

const world = temporaryFolder();
const at = (...parts: string[]): string => join(world.path, ...parts);
writeEmbeddedWorld(world.path);
const files = await findModelFiles(at("base"), at("base"));
const base = await readModel("demo/base", at("base"), files);
const engineBase = llamaFamily.load(at("base"));
afterAll(() => world[Symbol.dispose]());

/** A copy of a sound submission, changed. */
function aSubmission(name: string, kind: Kind, spoil: Spoil): string {
  const path = at(`spoiled ${kind} ${name}`);
  cpSync(at(kind === "LORA" ? "lora" : "full"), path, { recursive: true });
  spoil(path);
  return path;
}

async function isTakenIn(folder: string, artifactKind: Kind): Promise<boolean> {
  const plain = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
  const sealed = plain.map(({ name: path }) => ({ path, bytes: statSync(join(folder, path)).size, sha256: "" }));
  const model = modelFolder(sealed, async ({ path }) => createReadStream(join(folder, path)));
  return (await inspectModel(artifactKind, model, base)).verdict.status === "VALID";
}

function isEvaluated(path: string, artifactKind: Kind): boolean {
  try {
    llamaFamily.loadSubmission(engineBase, { path, artifactKind, names: ["demo/base"] });
    return true;
  } catch (error) {
    if (error instanceof ModelError) return false;
    throw error;
  }
}

/** The same models are shown to both evaluators in test/torch. */
describe("intake and evaluators", () => {
  it.each([
    ...Object.entries(refusedLoras).map(([name, spoil]) => ["LORA", name, spoil] as const),
    ...Object.entries(refusedFulls).map(([name, spoil]) => ["FULL", name, spoil] as const),
  ])("intake lets no %s through that evaluators refuse: %s", async (kind, name, spoil) => {
    expect(await isTakenIn(aSubmission(name, kind, spoil), kind)).toBe(false);
  });

  it("intake takes what transformers 5 saves beside the weights", async () => {
    const path = aSubmission("saved again", "FULL", (folder) => {
      const tokenizer = JSON.parse(readFileSync(at("base", "tokenizer.json"), "utf8"));
      const model = { ...tokenizer.model, dropout: null, ignore_merges: false };
      writeFileSync(join(folder, "tokenizer.json"), JSON.stringify({ ...tokenizer, model }, null, 2));
      writeFileSync(join(folder, "chat_template.jinja"), "{{ messages }}");
    });
    expect(readdirSync(path).filter((name) => !isAllowedFileName(name))).toEqual([]);
    expect(await isTakenIn(path, "FULL")).toBe(true);
  });

  it.each(Object.entries(accepted))("the engine takes what intake could let through: %s", (name, [kind, spoil]) => {
    expect(isEvaluated(aSubmission(name, kind, spoil), kind)).toBe(true);
  });
});
