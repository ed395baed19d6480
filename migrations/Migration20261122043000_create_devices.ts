import { Migration } from "@mikro-orm/migrations";

const DEVICES = [
  `create table devices (
    uuid text primary key,
    worker text not null,
    kind text not null check (kind in ('cpu', 'gpu')),
    model text not null,
    memory_mib integer check (memory_mib > 0),
    task_id uuid references tasks,
    failed_task_id uuid references tasks,
    failed_at timestamptz(3),
    seen_at timestamptz(3) not null
  )`,
  `create index on devices (task_id) where task_id is not null`,
];

/** What evaluations run on: rows of the workers that have them; their leases are rows of `leases`. */
export class Migration20261122043000_create_devices extends Migration {
  override up(): void {
    for (const statement of DEVICES) this.addSql(statement);
  }
}
