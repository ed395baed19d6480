import { describe, expect, it } from "vitest";
import { expectNothingLeft } from "../a-daemon.ts";
import { underAttack } from "./an-attack.ts";

const MiB = 1024 * 1024;

expectNothingLeft();

describe("a submission that uses things up", () => {
  it("gets no more processes and threads than its limit: a fork bomb", () =>
    underAttack(async ({ saw }) => {
      const { children, error } = Object(await saw("fork bomb"));
      expect(children).toBeLessThan(20);
      expect(error).not.toBeNull();
    }));

  it("is blamed when it needs more memory than there is, twice: a memory bomb", () =>
    underAttack(async ({ attack }) => {
      const outcome = await attack("memory bomb");
      expect(outcome).toMatchObject({ cause: "submission", code: "EVALUATOR_OUT_OF_MEMORY" });
      expect(outcome).toMatchObject({ message: expect.stringContaining(String(192 * MiB)) });
    }));

  it("may lose a child to the memory's limit and go on", () =>
    underAttack(async ({ saw }) => {
      expect(await saw("memory bomb in a child")).toEqual({ child: "SIGKILL" });
    }));

  it("can write to nothing but its small temporary folder: a disk fill", () =>
    underAttack(async ({ saw }) => {
      const { error, bytes, elsewhere } = Object(await saw("disk fill"));
      expect(["ENOSPC", "EFBIG"]).toContain(error);
      expect(bytes).toBeLessThanOrEqual(8 * MiB);
      expect(elsewhere).toEqual(["EROFS", "EROFS", "ENOENT", "ENOENT", "EROFS"]);
    }));

  it("can't even have a file of holes that is larger than its folder", () =>
    underAttack(async ({ saw }) => expect(await saw("sparse file")).toEqual({ error: "EFBIG" })));

  it("gets no more files than its limit: an inode fill", () =>
    underAttack(async ({ saw }) => {
      const { error, files } = Object(await saw("inode fill"));
      expect(error).toBe("ENOSPC");
      expect(files).toBeLessThanOrEqual(256);
    }));

  it("is ended when it floods the log, of which only the end is kept", () =>
    underAttack(async ({ attack }) => {
      const outcome = await attack("log flood");
      expect(outcome).toMatchObject({
        cause: "submission",
        code: "EVALUATOR_PROTOCOL",
        message: `the evaluator logged more than ${4 * MiB} bytes for one request`,
      });
      expect(outcome.status === "failed" && outcome.logTail.length).toBeLessThanOrEqual(1000);
      expect(outcome).toMatchObject({ logTail: expect.stringContaining("a line of the log") });
    }));

  it("is ended when it prints a line that does not end", () =>
    underAttack(async ({ attack }) => {
      expect(await attack("one endless line")).toMatchObject({
        cause: "submission",
        code: "EVALUATOR_PROTOCOL",
        message: `the evaluator printed a line of more than ${4 * MiB} bytes`,
      });
    }));

  it("is ended when it prints more lines than an answer has", () =>
    underAttack(
      async ({ attack }) => {
        expect(await attack("many progress lines")).toMatchObject({
          cause: "submission",
          code: "EVALUATOR_PROTOCOL",
        });
      },
      { maxRequestBytes: MiB },
    ));

  it("is ended when it never answers and is deaf to signals", () =>
    underAttack(async ({ attack }) => {
      expect(await attack("deaf hang", {}, { timeoutMs: 1500 })).toMatchObject({
        cause: "submission",
        code: "EVALUATOR_TIMEOUT",
      });
    }));
});
