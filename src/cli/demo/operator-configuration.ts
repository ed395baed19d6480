import { join } from "node:path";
import { deriveBytes } from "./demo-seed.ts";

export interface OperatorConfiguration {
  /** The server's environment: the settings that differ from a market's usual ones. */
  readonly environment: Readonly<Record<string, string>>;
  readonly operatorKey: string;
}

/** The same settings for a server by hand, as Node's `--env-file` reads them. */
export const environmentFile = ({ environment }: OperatorConfiguration): string =>
  Object.entries(environment)
    .map(([name, value]) => `${name}=${quoted(value)}\n`)
    .join("");

/** Without quotes a # would end the value; there is no escape for the quote that it stands in. */
function quoted(value: string): string {
  const quote = ["'", "`", '"'].find((mark) => !value.includes(mark)) ?? "";
  return `${quote}${value}${quote}`;
}

/** A market for a task of each kind and a known number of miners on one machine. */
export function operatorConfiguration(options: {
  readonly seed: string;
  /** How many miners the task of each kind has. */
  readonly fields: readonly number[];
  /** Null: the server's own. */
  readonly plugins: string | null;
  /** Further ones, which count before those here. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly port: number;
  readonly folder: string;
}): OperatorConfiguration {
  const { seed, fields, plugins, settings, port, folder } = options;
  const largest = Math.max(...fields);
  const operatorKey = `gr_operator_${deriveBytes(seed, "operator-key").toString("base64url")}`;
  return {
    operatorKey,
    environment: {
      GRADIENTS_PORT: String(port),
      GRADIENTS_LOG_LEVEL: "info",
      GRADIENTS_DATA_FOLDER: join(folder, "server"),
      // Nothing in the demo's database must outlive a power cut.
      GRADIENTS_EMBEDDED_DATABASE_FSYNC: "false",
      GRADIENTS_OPERATOR_SECRET: deriveBytes(seed, "operator-secret").toString("hex"),
      GRADIENTS_OPERATOR_API_KEY: operatorKey,
      GRADIENTS_POOL_MIN: String(largest),
      GRADIENTS_POOL_MAX: String(largest),
      GRADIENTS_MIN_MINERS: String(Math.min(...fields)),
      GRADIENTS_OFFER_WINDOW_SECONDS: "10",
      GRADIENTS_DELAY_BACKOFF_SECONDS: "2",
      // The embedded evaluator computes on the CPU, whatever else is there.
      GRADIENTS_DEVICES: "cpu",
      GRADIENTS_BUDGET_MIN_SECONDS: "10",
      ...(plugins === null ? {} : { GRADIENTS_PLUGINS: plugins }),
      ...settings,
    },
  };
}
