import { inspectSubmission } from "../../src/core/app/submissions/inspect-submission.ts";
import type { JudgedField, Judgement } from "../../src/core/contract/index.ts";
import { aField } from "../../src/core/contract/testing/field-builders.ts";
import { duplicateLosses } from "../../src/plugins/duplicate-losses/rule.ts";
import { notFinetuned } from "../../src/plugins/not-finetuned/rule.ts";
import { safetensorsFile } from "../helpers/safetensors-file.ts";
import { aModel, type Files } from "../intake/an-upload.ts";
import { json, model, NOTHING_REFUSED, type Arena, type Outcome } from "./an-arena.ts";
import type { Attack } from "./attack.ts";
import { A, ADAPTER, B, EMBED, GATE } from "./model-attacks.ts";

/** Seals and inspects what intake has to let through, and gives the facts that it found. */
async function factsOf(arena: Arena, files: Files, artifactKind: "FULL" | "LORA") {
  const { facts, staticVerdict } = await inspectSubmission(arena.app, await arena.seal(files, artifactKind));
  if (facts === null) throw new Error(`intake refused it: ${staticVerdict.message}`);
  return facts;
}

/** What a rule says about the attacker in a field with an honest model that was sealed before. */
function judged(judge: (field: JudgedField) => Judgement, facts: Awaited<ReturnType<typeof factsOf>>): Outcome {
  const field = aField({
    submissions: [
      { id: "honest", facts: { digest: "of the honest one" } },
      { id: "attack", testLoss: 2, facts },
    ],
  });
  const { findings } = judge(field);
  const own = findings.find(({ submission }) => submission === "attack");
  if (findings.some(({ submission }) => submission === "honest")) throw new Error("the honest model was judged");
  return own ? { stage: "rule", code: own.code, blamed: "MINER" } : NOTHING_REFUSED("rule");
}

const untouched = (files: Files, kind: "FULL" | "LORA") => async (arena: Arena) =>
  judged((field) => notFinetuned.judge(field, {}), await factsOf(arena, files, kind));

const base = { embed: { ...EMBED, values: [1, 2, 3] }, gate: { ...GATE, values: [5, 6] } };
const [first, second] = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
const adapter = (tensors: readonly (typeof A)[]): Files => ({
  "adapter_config.json": json(ADAPTER),
  "adapter_model.safetensors": safetensorsFile(tensors),
});

const NOT_FINETUNED = { stage: "rule", code: "NOT_FINETUNED", blamed: "MINER" } as const;

/** Models that are in order, and no work of the miner's: intake measures, rules judge. */
export const FIELD_ATTACKS: readonly Attack[] = [
  {
    name: "the base itself",
    ...NOT_FINETUNED,
    run: untouched(model({ "model.safetensors": aModel(0)["model.safetensors"] ?? Buffer.alloc(0) }), "FULL"),
  },
  {
    name: "the base with its tensors in another order",
    ...NOT_FINETUNED,
    run: untouched(model({ "model.safetensors": safetensorsFile([base.gate, base.embed]) }), "FULL"),
  },
  {
    name: "the base cut into other files",
    ...NOT_FINETUNED,
    run: untouched(
      {
        "config.json": model()["config.json"] ?? Buffer.alloc(0),
        "model.safetensors.index.json": json({ weight_map: { [EMBED.name]: first, [GATE.name]: second } }),
        [first]: safetensorsFile([base.embed]),
        [second]: safetensorsFile([base.gate]),
      },
      "FULL",
    ),
  },
  {
    name: "an adapter that adds nothing",
    ...NOT_FINETUNED,
    run: untouched(adapter([A, { ...B, values: [0] }]), "LORA"),
  },
  {
    name: "an adapter that adds minus nothing",
    ...NOT_FINETUNED,
    run: untouched(adapter([{ ...A, values: [-0, 0] }, B]), "LORA"),
  },
  {
    name: "a rival's model in other files",
    stage: "rule",
    code: "DUPLICATE",
    blamed: "MINER",
    async run(arena) {
      const facts = await factsOf(arena, model(), "FULL");
      const copy = await factsOf(
        arena,
        model({
          "model.safetensors": safetensorsFile([
            { ...GATE, values: [6, 7] },
            { ...EMBED, values: [2, 3, 4] },
          ]),
        }),
        "FULL",
      );
      const field = aField({
        submissions: [
          { id: "rival", facts },
          { id: "attack", testLoss: 2, facts: copy },
        ],
      });
      const { findings } = duplicateLosses.judge(field, duplicateLosses.options.parse({}));
      const [own] = findings;
      return own?.submission === "attack"
        ? { stage: "rule", code: own.code, blamed: "MINER" }
        : NOTHING_REFUSED("rule");
    },
  },
];
