export { childEnvironment } from "./child-environment.ts";
export { parseConfig, type Config, type Places, type PluginConfig } from "./config.ts";
export { EXIT_CONFIG, readConfig } from "./read-config.ts";
export { keptSecret } from "./kept-secret.ts";
