import { openJobQueue } from "../../src/core/infra/queue/index.ts";
import { withTestDatabase } from "../helpers/test-database.ts";
import { testJobQueue } from "./job-queue.contract.ts";
import { withRedis } from "./redis.ts";

const database = withTestDatabase();
testJobQueue("PostgreSQL", (name, log) => openJobQueue({ backend: "postgres", url: database.url }, { name, log }));

const redis = withRedis();
if (redis) testJobQueue("Redis", (name, log) => openJobQueue({ backend: "redis", url: redis.url }, { name, log }));
