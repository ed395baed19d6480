type Config = Readonly<Record<string, unknown>>;

const SETTINGS = ["rope_scaling", "rope_parameters"] as const;

/**
 * What differs between the rotary embeddings of two configs, as a key and its two values; null where nothing does.
 * transformers 4 writes `rope_theta` and `rope_scaling`, transformers 5 puts both into `rope_parameters`. Settings that only
 * one of them states are not compared, nor those for each kind of layer: evaluations use the base's in any case.
 */
export function rotaryDifference(
  config: Config,
  base: Config,
): { readonly key: string; readonly expected: unknown; readonly found: unknown } | null {
  const odd = SETTINGS.find((key) => (config[key] ?? null) !== null && asObject(config[key]) === null);
  if (odd !== undefined) return { key: odd, expected: base[odd] ?? null, found: config[odd] };
  const [found, expected] = [rotaryEmbedding(config), rotaryEmbedding(base)];
  if (found === null || expected === null) return null;
  const key = Object.keys(expected).find((name) => name in found && !isEqual(found[name], expected[name]));
  return key === undefined ? null : { key, expected: expected[key], found: found[key] };
}

/** Always with `rope_theta` and `rope_type`; null where kinds of layers have their own. */
function rotaryEmbedding(config: Config): Config | null {
  const { type = "default", ...settings } =
    asObject(config["rope_scaling"]) ?? asObject(config["rope_parameters"]) ?? {};
  if (Object.values(settings).some((value) => asObject(value) !== null)) return null;
  return { rope_theta: config["rope_theta"] ?? 10_000, rope_type: type, ...settings };
}

/** Some settings are lists. */
const isEqual = (own: unknown, other: unknown): boolean => JSON.stringify(own) === JSON.stringify(other);

const asObject = (value: unknown): Config | null =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Config) : null;
