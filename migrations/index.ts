import type { Migration } from "@mikro-orm/migrations";
import { Migration20261122000000_create_tables } from "./Migration20261122000000_create_tables.ts";
import { Migration20261122020000_create_window_findings } from "./Migration20261122020000_create_window_findings.ts";
import { Migration20261122041800_create_source_fetches } from "./Migration20261122041800_create_source_fetches.ts";
import { Migration20261122043000_create_devices } from "./Migration20261122043000_create_devices.ts";
import { Migration20261122045000_clear_unsealed_files } from "./Migration20261122045000_clear_unsealed_files.ts";

type MigrationClass = new (...args: ConstructorParameters<typeof Migration>) => Migration;

/** All migrations, oldest first. Listed by hand, so that they are the same ones from the sources and from dist/. */
export const migrations: readonly { readonly name: string; readonly class: MigrationClass }[] = [
  { name: "Migration20261122000000_create_tables", class: Migration20261122000000_create_tables },
  {
    name: "Migration20261122020000_create_window_findings",
    class: Migration20261122020000_create_window_findings,
  },
  {
    name: "Migration20261122041800_create_source_fetches",
    class: Migration20261122041800_create_source_fetches,
  },
  { name: "Migration20261122043000_create_devices", class: Migration20261122043000_create_devices },
  {
    name: "Migration20261122045000_clear_unsealed_files",
    class: Migration20261122045000_clear_unsealed_files,
  },
];
