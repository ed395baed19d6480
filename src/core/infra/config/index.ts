export { childEnvironment } from "./child-environment.ts";
export { parseConfig, type Config } from "./config.ts";
export type { DeviceChoice } from "./device-choice.ts";
export { PREFIX } from "./environment.ts";
export { EXIT_CONFIG, readConfig } from "./read-config.ts";
export { keptSecret } from "./kept-secret.ts";
