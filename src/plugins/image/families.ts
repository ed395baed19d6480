import type { JsonObject } from "../../core/contract/index.ts";

/** A family of image models: how its bases are recognised, and how its reconstructions are made. */
export interface ModelFamily {
  readonly name: string;
  readonly title: string;
  /** Key and value of config.json (or a pipeline's model_index.json) that a base of the family has. */
  readonly mark: readonly [key: string, value: string];
  /** Noise level that a reconstruction starts from, unless the task says another one. */
  readonly strength: number;
  /** Steps of a whole path, unless the task says another number. */
  readonly steps: number;
  /** Both sides of an evaluated image are cut down to a multiple of this many pixels. */
  readonly sideMultiple: number;
}

/** The families that image tasks are made for. Strengths and steps of sdxl and flux are the original's. */
export const FAMILIES: readonly ModelFamily[] = Object.freeze([
  {
    name: "sdxl",
    title: "Stable Diffusion XL",
    mark: ["_class_name", "StableDiffusionXLPipeline"],
    strength: 0.9,
    steps: 20,
    sideMultiple: 8,
  },
  {
    name: "flux",
    title: "FLUX.1",
    mark: ["_class_name", "FluxPipeline"],
    strength: 0.75,
    steps: 35,
    sideMultiple: 8,
  },
  {
    name: "tiny-dit",
    title: "the demo's tiny diffusion transformer",
    mark: ["model_type", "gradients-tiny-dit"],
    strength: 0.9,
    steps: 8,
    sideMultiple: 4,
  },
] satisfies ModelFamily[]);

/** The family of a base with this config; undefined where it belongs to none. */
export function familyOf(config: JsonObject): ModelFamily | undefined {
  return FAMILIES.find(({ mark: [key, value] }) => config[key] === value);
}

/** Why a base can't be used, as a sentence; null where it can. */
export function baseProblem(config: JsonObject): string | null {
  if (familyOf(config) !== undefined) return null;
  const known = FAMILIES.map(({ name, mark: [key, value] }) => `${name} (${key} ${value})`).join(", ");
  const found = JSON.stringify(config["_class_name"] ?? config["model_type"] ?? null).slice(0, 100);
  return `expected a text-to-image model of a family that image tasks know: ${known}; found ${found}`;
}
