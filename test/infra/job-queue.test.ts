import { openJobQueue } from "../../src/core/infra/queue/index.ts";
import { withTestDatabase } from "../helpers/test-database.ts";
import { testJobQueue } from "./job-queue.contract.ts";
import { noRedis, withRedis } from "./redis.ts";

const database = withTestDatabase();
testJobQueue("PostgreSQL", (name, log) => openJobQueue({ backend: "postgres", url: database.url }, { name, log }));

if (noRedis) process.stderr.write(`The suite of the job queue on Redis is skipped: ${noRedis}.\n`);
const redis = withRedis();
testJobQueue("Redis", (name, log) => openJobQueue({ backend: "redis", url: redis.url }, { name, log }), noRedis);
