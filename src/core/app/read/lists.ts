import type { StoredList } from "./page.ts";

const newestFirst = [
  { column: "createdAt", as: "date" },
  { column: "id", as: "uuid" },
] as const;

/** The stored lists that clients page through, each with its unique order. */
export const TASK_LIST: StoredList<"tasks"> = {
  name: "tasks",
  table: "tasks",
  orderBy: newestFirst,
  direction: "desc",
};
export const MINER_LIST: StoredList<"miners"> = {
  name: "miners",
  table: "miners",
  orderBy: newestFirst,
  direction: "desc",
};
export const API_KEY_LIST: StoredList<"apiKeys"> = {
  name: "apiKeys",
  table: "apiKeys",
  orderBy: newestFirst,
  direction: "desc",
};
export const NOTICE_LIST: StoredList<"notices"> = {
  name: "notices",
  table: "notices",
  orderBy: newestFirst,
  direction: "desc",
};

export const SUBMISSION_LIST: StoredList<"submissions"> = {
  name: "submissions",
  table: "submissions",
  orderBy: [{ column: "sealSequence", as: "number" }],
  direction: "desc",
};

export const SCORE_LIST: StoredList<"scores"> = {
  name: "scores",
  table: "scores",
  orderBy: [
    { column: "scoredAt", as: "date" },
    { column: "taskId", as: "uuid" },
    { column: "minerId", as: "uuid" },
  ],
  direction: "desc",
};

export const TASK_EVENT_LIST: StoredList<"taskEvents"> = {
  name: "taskEvents",
  table: "taskEvents",
  orderBy: [{ column: "sequence", as: "number" }],
  direction: "asc",
};

export const WEIGHT_SET_LIST: StoredList<"weightSets"> = {
  name: "weightSets",
  table: "weightSets",
  orderBy: [{ column: "sequence", as: "number" }],
  direction: "desc",
};
