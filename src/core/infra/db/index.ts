export { migrate, openOrm, type OrmOptions } from "./orm.ts";
export { createStore } from "./store.ts";
