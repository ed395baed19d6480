import { z } from "zod";

/** The column that holds the right answer. */
export const column = z.string().min(1).default("answer").describe("Column of the right answer.");
