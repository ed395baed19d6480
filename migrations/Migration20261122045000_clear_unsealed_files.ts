import { Migration } from "@mikro-orm/migrations";

const CLEARING = [
  `alter table uploads drop constraint uploads_status_check,
     add check (status in ('OPEN', 'COMPLETE', 'SEALED', 'REJECTED', 'CLEARED'))`,
  `alter table source_fetches drop constraint source_fetches_status_check,
     add check (status in ('PENDING', 'STALLED', 'DONE', 'REFUSED', 'CANCELLED', 'CLEARED'))`,
  `create index on uploads (expires_at) where status = 'REJECTED'`,
  `create index on source_fetches (due_at) where status in ('REFUSED', 'CANCELLED')`,
  `create index on uploads using gin (files jsonb_path_ops)`,
  `create index on submissions using gin (files jsonb_path_ops)`,
  `create index on source_fetches using gin (files jsonb_path_ops)`,
  `create index on dataset_splits (sha256)`,
];

/** Files that arrived and were never sealed are removed: who else names a file must be found quickly. */
export class Migration20261122045000_clear_unsealed_files extends Migration {
  override up(): void {
    for (const statement of CLEARING) this.addSql(statement);
  }
}
