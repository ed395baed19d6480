/** The language's own objects that all modules share: whoever changes one changes it for everybody. */
const SHARED: readonly (readonly [string, object])[] = [
  ["Object", Object],
  ["JSON", JSON],
  ["Math", Math],
  ["Promise", Promise],
  ...[Object, Function, Array, String, Number, RegExp, Map, Set, Date, Promise, Uint8Array, Error].map(
    (type): readonly [string, object] => [`${type.name}.prototype`, type.prototype],
  ),
];

/**
 * Takes note of the language's own objects. `restore` puts back what was replaced or removed since, takes away what would
 * show up in loops, and returns their names, such as `Array.prototype.map`. What was added out of sight, as by a polyfill,
 * stays.
 */
export function rememberIntrinsics(): { restore(): readonly string[] } {
  const before = SHARED.map(([name, target]) => ({ name, target, were: Object.getOwnPropertyDescriptors(target) }));
  return {
    restore() {
      const changed: string[] = [];
      // Loops, as the methods of arrays may be what was replaced.
      for (const { name, target, were } of before) {
        for (const key of Reflect.ownKeys(were)) {
          const was = Reflect.getOwnPropertyDescriptor(were, key)?.value as PropertyDescriptor;
          const is = Reflect.getOwnPropertyDescriptor(target, key);
          if (is !== undefined && is.value === was.value && is.get === was.get && is.set === was.set) continue;
          Reflect.defineProperty(target, key, was);
          changed.push(`${name}.${String(key)}`);
        }
        for (const key of Reflect.ownKeys(target)) {
          if (Object.hasOwn(were, key) || Reflect.getOwnPropertyDescriptor(target, key)?.enumerable !== true) continue;
          Reflect.deleteProperty(target, key);
          changed.push(`${name}.${String(key)}`);
        }
      }
      return changed;
    },
  };
}
