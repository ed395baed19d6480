/** The operator's settings contradict what is there: all problems, one line each that begins with the variable. */
export class ConfigError extends Error {
  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.name = "ConfigError";
  }
}
