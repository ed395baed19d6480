/** Keys under which a config asks a library to run code that comes with the model. */
const HOOKS: ReadonlySet<string> = new Set(["auto_map", "trust_remote_code", "custom_pipelines", "custom_code"]);

/** PEFT imports the module that this key names. */
const IMPORTED = "auto_mapping";
const KNOWN_LIBRARIES = /^(transformers|diffusers)(\.[a-z0-9_]+)*$/;

/** Where a config, at any depth, asks for code of its own to be run: the key, or null. */
export function findCodeHook(value: unknown): string | null {
  if (typeof value !== "object" || value === null) return null;
  if (Array.isArray(value)) {
    for (const item of value) {
      const found = findCodeHook(item);
      if (found !== null) return found;
    }
    return null;
  }
  for (const [key, member] of Object.entries(value)) {
    if (HOOKS.has(key)) return key;
    if (key === IMPORTED && member !== null && !namesKnownLibrary(member)) return key;
    const found = findCodeHook(member);
    if (found !== null) return found;
  }
  return null;
}

function namesKnownLibrary(mapping: unknown): boolean {
  if (typeof mapping !== "object" || mapping === null || !("parent_library" in mapping)) return false;
  return typeof mapping.parent_library === "string" && KNOWN_LIBRARIES.test(mapping.parent_library);
}
