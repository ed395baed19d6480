import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { readJson } from "../read-json.ts";
import { demoStrategy, type Role } from "./roles.ts";

/** What a miner does in one task. */
export interface Place {
  readonly name: string;
  readonly role: Role;
}

/** What the demo knows of a kind of tasks. */
export interface Demo {
  readonly kind: string;
  /** The one that is shown where nothing else is asked for. */
  readonly isDefault: boolean;
  /** The task that is posted. */
  readonly taskFile: string;
  /** Of the losses that training reports. */
  readonly lossUnit: string;
  /** The program that trains; null is the embedded trainer. */
  readonly trainer: string | null;
  /** In the order in which `--miners` takes them. */
  readonly places: readonly Place[];
}

const place = z
  .strictObject({
    name: z.string().regex(/^[a-z][a-z0-9-]*$/, "expected lower-case letters, digits and hyphens"),
    strategy: demoStrategy.optional(),
    copyOf: z.string().optional(),
    untouched: z.literal(true).optional(),
  })
  .transform(({ name, strategy, copyOf, untouched }, context): Place => {
    const roles: Role[] = [];
    if (strategy !== undefined) roles.push({ kind: "trainer", strategy });
    if (copyOf !== undefined) roles.push({ kind: "copier", of: copyOf });
    if (untouched !== undefined) roles.push({ kind: "untouched" });
    const [role, ...others] = roles;
    if (role !== undefined && others.length === 0) return { name, role };
    context.addIssue({ code: "custom", message: "expected one of strategy, copyOf and untouched" });
    return z.NEVER;
  });

const demoFile = z.strictObject({
  lossUnit: z.string().min(1),
  trainer: z.string().min(1).optional(),
  miners: z.array(place).min(1).transform(inOrder),
});

/** `--miners` takes the first ones: whoever is copied must come before the copier. */
function inOrder(places: readonly Place[], context: z.RefinementCtx): readonly Place[] {
  const before = new Set<string>();
  for (const [index, { name, role }] of places.entries()) {
    const refuse = (message: string): void => context.addIssue({ code: "custom", path: [index], message });
    if (before.has(name)) refuse(`there is another ${name}`);
    if (role.kind === "copier" && !before.has(role.of)) refuse(`${name} copies ${role.of}, who must come before`);
    before.add(name);
  }
  return places;
}

/** Reads a demo.json and the kind of the task.json beside it. @throws CommandError with every problem */
export async function readDemo(path: string, isDefault: boolean): Promise<Demo> {
  const { lossUnit, trainer, miners } = await readJson(path, demoFile);
  const taskFile = join(dirname(path), "task.json");
  const { kind } = await readJson(taskFile, z.looseObject({ kind: z.string() }));
  const program = trainer === undefined ? null : resolve(dirname(path), trainer);
  return { kind, isDefault, taskFile, lossUnit, trainer: program, places: miners };
}
