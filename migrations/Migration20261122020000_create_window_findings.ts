import { Migration } from "@mikro-orm/migrations";

const WINDOW_FINDINGS = [
  `create table window_findings (
    id uuid primary key,
    weight_set_id uuid not null references weight_sets,
    miner_id uuid not null references miners,
    submission_id uuid not null references submissions,
    rule text not null,
    verdict text not null check (verdict in ('DISQUALIFY', 'FLAG')),
    code text not null,
    evidence jsonb not null,
    left_out boolean not null,
    created_at timestamptz(3) not null
  )`,
  `create index on window_findings (weight_set_id)`,
  `create index on window_findings (miner_id)`,
];

/** What rules find about miners in a window of results, with the weight set that they were judged for. */
export class Migration20261122020000_create_window_findings extends Migration {
  override up(): void {
    for (const statement of WINDOW_FINDINGS) this.addSql(statement);
  }
}
