import { existsSync } from "node:fs";
import { join } from "node:path";
import { Redis } from "ioredis";
import { Client } from "pg";
import type { Config } from "../../core/infra/config/index.ts";
import { examine, fine, type Finding } from "./finding.ts";

const ANSWERS_WITHIN_MS = 5_000;
const OLDEST_POSTGRES = 160_000;

/** The database that is configured; the embedded one is started by the server alone. */
export async function databaseFinding({ database, dataFolder }: Config): Promise<Finding> {
  const { url } = database;
  if (url === null) {
    const there = existsSync(join(dataFolder, "postgres"));
    return fine("database", `embedded, in the data folder: ${there ? "there" : "made by the first gradients serve"}`);
  }
  const remedy = "start PostgreSQL 16 or newer, and check GRADIENTS_DATABASE_URL";
  return examine("database", remedy, async () => {
    const client = new Client({ connectionString: url, connectionTimeoutMillis: ANSWERS_WITHIN_MS });
    // A connection that breaks is known by the question that fails.
    client.on("error", () => undefined);
    try {
      await client.connect();
      const { rows } = await client.query("show server_version_num");
      const version = Number(Object(rows[0])["server_version_num"]);
      const found = `PostgreSQL ${Math.floor(version / 10_000)} at ${new URL(url).host}`;
      if (version < OLDEST_POSTGRES) throw new Error(`${found} is too old`);
      return found;
    } finally {
      await client.end().catch(() => undefined);
    }
  });
}

/** Null where jobs ring over the database. */
export async function redisFinding({ redisUrl }: Config): Promise<Finding | null> {
  if (redisUrl === null) return null;
  return examine("redis", "start Redis, and check GRADIENTS_REDIS_URL", async () => {
    const redis = new Redis(redisUrl, {
      lazyConnect: true,
      connectTimeout: ANSWERS_WITHIN_MS,
      maxRetriesPerRequest: 0,
      retryStrategy: () => null,
    });
    let reason: Error | null = null;
    redis.on("error", (error: Error) => (reason = error));
    try {
      await redis.connect();
      return `${await redis.ping()} from ${new URL(redisUrl).host}`;
    } catch (error) {
      throw reason ?? error;
    } finally {
      redis.disconnect();
    }
  });
}
