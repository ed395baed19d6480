/** A value with one thing wrong, and where. */
export interface Mutation {
  readonly at: string;
  readonly value: unknown;
}

/** The value with each single number replaced by NaN and by infinity. */
export function withBrokenNumbers(value: unknown): readonly Mutation[] {
  return mutate(value, (inner) => (typeof inner === "number" ? [Number.NaN, Number.POSITIVE_INFINITY] : []));
}

/** The value with one unknown field in each of its objects. */
export function withExtraFields(value: unknown): readonly Mutation[] {
  return mutate(value, (inner) => (isObject(inner) ? [{ ...inner, anUnknownField: 1 }] : []));
}

/** The value without one field, for each field of each of its objects. */
export function withMissingFields(value: unknown): readonly Mutation[] {
  return mutate(value, (inner) =>
    isObject(inner)
      ? Object.keys(inner).map((key) => Object.fromEntries(Object.entries(inner).filter(([name]) => name !== key)))
      : [],
  );
}

/** Arrays' elements are alike: the first one stands for all. */
function mutate(value: unknown, replacements: (inner: unknown) => readonly unknown[], path = ""): readonly Mutation[] {
  const here = replacements(value).map((replacement) => ({ at: path || "the value", value: replacement }));
  if (Array.isArray(value)) {
    const inner = value.length > 0 ? mutate(value[0], replacements, `${path}[0]`) : [];
    return [...here, ...inner.map(({ at, value: first }) => ({ at, value: [first, ...value.slice(1)] }))];
  }
  if (!isObject(value)) return here;
  return [
    ...here,
    ...Object.entries(value).flatMap(([key, inner]) =>
      mutate(inner, replacements, path ? `${path}.${key}` : key).map(({ at, value: changed }) => ({
        at,
        value: { ...value, [key]: changed },
      })),
    ),
  ];
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
