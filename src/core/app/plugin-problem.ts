/** Why a plugin can't be used. Each code is explained in docs/errors.md. */
export type PluginProblemCode =
  | "PLUGIN_NOT_FOUND"
  | "PLUGIN_LOAD_FAILED"
  | "PLUGIN_WRONG_API"
  | "PLUGIN_MALFORMED"
  | "PLUGIN_COLLISION"
  | "PLUGIN_BAD_DEFAULTS"
  | "PLUGIN_BAD_GRAPHQL"
  | "PLUGIN_BAD_OPTIONS"
  | "PLUGIN_NOT_REGISTERED"
  | "PLUGIN_CREATE_FAILED";

export interface PluginProblem {
  readonly code: PluginProblemCode;
  /** What was expected, what was found and what to do; a collision names both origins. */
  readonly message: string;
  /** The package name, file path or list entry that the plugin came from. */
  readonly origin: string;
}
