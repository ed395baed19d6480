export { openJobQueue, type JobQueueOptions, type QueueLocation } from "./job-queue.ts";
