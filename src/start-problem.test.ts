import { createServer } from "node:net";
import { once } from "node:events";
import { expect, it } from "vitest";
import { startProblem } from "./start-problem.ts";

const places = {
  host: "127.0.0.1",
  port: 4_000,
  dataFolder: "/srv/market",
  database: { url: "postgres://market:secret@db.internal:5432/market", poolSize: 2, fsync: true },
};
const failure = (message: string, fields: object): Error => Object.assign(new Error(message), fields);

it("names the setting of a port that is taken, and what to do", async () => {
  const first = createServer().listen(0, "127.0.0.1");
  await once(first, "listening");
  const [error] = await once(createServer().listen(first.address()), "error");
  expect(startProblem(error, places)).toMatch(
    /^GRADIENTS_PORT: expected a free port, found .*127\.0\.0\.1:4000.*; stop/,
  );
  first.close();
});

it.each([
  [{ code: "EACCES", syscall: "listen" }, /^GRADIENTS_PORT: .*choose one above 1023$/],
  [{ code: "EADDRNOTAVAIL", syscall: "listen" }, /^GRADIENTS_HOST: .*found 127\.0\.0\.1/],
  [{ code: "EROFS", path: "/srv/market/postgres/postgres.log" }, /^GRADIENTS_DATA_FOLDER: .*\/srv\/market: wrong$/],
  [{ code: "EEXIST", path: "/srv/market" }, /^GRADIENTS_DATA_FOLDER: /],
  [{ code: "28P01" }, /^GRADIENTS_DATABASE_URL: .*db\.internal:5432 knows.*wrong$/],
  [{ code: "3D000" }, /^GRADIENTS_DATABASE_URL: /],
  [{ name: "NewerDatabaseError" }, /^GRADIENTS_DATABASE_URL: .*wrong; start the newer version/],
])("says of %o which setting to look at, without the password", (fields, expected) => {
  const line = startProblem(failure("wrong", fields), places);
  expect(line).toMatch(expected);
  expect(line).not.toContain("secret");
});

it("leaves everything else to the log", () => {
  expect(startProblem(failure("gone", { code: "ECONNREFUSED", syscall: "connect" }), places)).toBeNull();
  expect(
    startProblem(failure("wrong", { code: "28P01" }), { ...places, database: { ...places.database, url: null } }),
  ).toBeNull();
  expect(startProblem(failure("elsewhere", { code: "EROFS", path: "/srv/market-2/file" }), places)).toBeNull();
  expect(startProblem(failure("full", { code: "ENOSPC", path: "/srv/market/file" }), places)).toBeNull();
  expect(startProblem("text", places)).toBeNull();
});
