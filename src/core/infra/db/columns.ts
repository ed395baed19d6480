import { p } from "@mikro-orm/core";

/**
 * The few kinds of columns that there are. Moments keep milliseconds, as a Date does: a finer column would not compare
 * equal to what was read from it.
 */
export const uuid = () => p.uuid();
export const text = () => p.text();
export const count = () => p.integer();
/** Whole numbers up to 2^53. */
export const bigCount = () => p.bigint("number");
export const real = () => p.double().$type<number>();
export const flag = () => p.boolean();
export const moment = () => p.datetime(3);
/** One of a few words; the migration checks them. */
export const word = <Word extends string>() => p.text().$type<Word>();
/** Plain JSON, parsed where it was written: only this server writes it. */
export const json = <Value>() => p.json().$type<Value>();
