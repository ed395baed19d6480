import { PREFIX } from "./environment.ts";

/** The environment for a child process with settings of its own: this process's, without its settings. */
export function childEnvironment(settings: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith(PREFIX));
  return { ...Object.fromEntries(own), ...settings };
}
