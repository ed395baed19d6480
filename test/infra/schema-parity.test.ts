import { expect, it } from "vitest";
import { entities } from "../../src/core/infra/db/entities/index.ts";
import { migrate } from "../../src/core/infra/db/index.ts";
import { withTestDatabase } from "../helpers/test-database.ts";

const database = withTestDatabase();

/** Columns that only SQL of this layer touches. */
const WITHOUT_PROPERTY = new Set(["outbox.relayed_at"]);

it("the entities and the migrated tables have the same columns, of the same types", async () => {
  const rows = await database.orm.em
    .fork()
    .execute<{ name: string; type: string; nullable: boolean; precision: number | null }[]>(
      `select table_name || '.' || column_name as name, data_type as type, is_nullable = 'YES' as nullable,
            datetime_precision as precision
     from information_schema.columns where table_schema = 'public' and table_name <> 'migrations' order by 1`,
    );
  const described = Object.values(entities).flatMap(({ meta: { className } }) => {
    const meta = database.orm.getMetadata().getByClassName(className);
    return meta.props.map((property) => ({
      name: `${meta.tableName}.${property.fieldNames[0]}`,
      type: SQL_NAMES[property.columnTypes[0] ?? ""] ?? property.columnTypes[0],
      nullable: property.nullable ?? false,
      precision: property.columnTypes[0]?.startsWith("timestamptz") ? 3 : null,
    }));
  });
  const migrated = rows.filter(({ name }) => !WITHOUT_PROPERTY.has(name));
  expect(described.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual(
    migrated.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  );
});

it("a database that a newer version has migrated is left alone", async () => {
  await migrate(database.orm);
  await database.orm.em.fork().execute("insert into migrations (name) values ('Migration99_of_tomorrow')");
  await expect(migrate(database.orm)).rejects.toMatchObject({
    name: "NewerDatabaseError",
    message: expect.stringContaining("Migration99_of_tomorrow"),
  });
});

const SQL_NAMES: Readonly<Record<string, string>> = {
  int: "integer",
  bigserial: "bigint",
  serial: "integer",
  "timestamptz(3)": "timestamp with time zone",
};
