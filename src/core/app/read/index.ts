/** Reading: who may see what, pages, and pure projections of what is stored. */
export * from "./cursor.ts";
export * from "./leaderboard.ts";
export * from "./lists.ts";
export * from "./page.ts";
export * from "./standings.ts";
export * from "./submission-lists.ts";
export * from "./visibility.ts";
