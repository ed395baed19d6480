export { openJobQueue } from "./job-queue.ts";
