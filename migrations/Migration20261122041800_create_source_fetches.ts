import { Migration } from "@mikro-orm/migrations";

const SOURCE_FETCHES = [
  `create table source_fetches (
    submission_id uuid primary key references submissions,
    task_id uuid not null references tasks,
    source jsonb not null,
    status text not null check (status in ('PENDING', 'STALLED', 'DONE', 'REFUSED', 'CANCELLED')),
    files jsonb,
    stored jsonb not null,
    attempts integer not null check (attempts >= 0),
    problem jsonb,
    due_at timestamptz(3) not null,
    created_at timestamptz(3) not null
  )`,
  `create index on source_fetches (due_at) where status = 'PENDING'`,
  `create index on source_fetches (task_id)`,
  `alter table submissions alter column upload_id drop not null, add column source jsonb,
     add check ((upload_id is null) = (source is not null))`,
];

/** Sealed models that are not uploaded: where each is fetched from, and how far that is. */
export class Migration20261122041800_create_source_fetches extends Migration {
  override up(): void {
    for (const statement of SOURCE_FETCHES) this.addSql(statement);
  }
}
