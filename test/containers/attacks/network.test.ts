import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { describe, expect, it } from "vitest";
import { expectNothingLeft } from "../a-daemon.ts";
import { underAttack } from "./an-attack.ts";

/** All addresses of this machine, Docker's bridge among them where there is one. */
const addresses = Object.values(networkInterfaces())
  .flatMap((found) => found ?? [])
  .filter(({ family }) => family === "IPv4")
  .map(({ address }) => address);

expectNothingLeft();

describe("a submission that wants to carry something out", () => {
  it("has no network: no connection and no datagram leaves the container", async () => {
    const heard: string[] = [];
    const server = createServer(() => heard.push("tcp")).listen(0, "0.0.0.0");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const datagrams = createSocket("udp4").on("message", () => heard.push("udp"));
    datagrams.bind(port, "0.0.0.0");
    try {
      await underAttack(async ({ saw }) => {
        const hosts = ["1.1.1.1", ...addresses];
        const { interfaces, tcp, udp } = Object(await saw("connect", { hosts, port }));
        expect(interfaces).toEqual(["lo"]);
        for (const how of [...tcp, ...udp]) expect(how).toMatch(/^(ENETUNREACH|ECONNREFUSED|done)$/);
        expect(tcp).not.toContain("done");
        // The loopback is the container's own: what it sends there, nobody gets.
        expect(udp.filter((how: string) => how === "done").length).toBeLessThanOrEqual(1);
      });
      expect(heard).toEqual([]);
    } finally {
      server.close();
      datagrams.close();
    }
  });

  it("can look no name up: nothing goes out through DNS", () =>
    underAttack(async ({ saw }) => {
      expect(await saw("name lookup", { name: "the-test-rows.example.com" })).toEqual({
        lookup: expect.stringMatching(/^(EAI_AGAIN|ENOTFOUND)$/),
        resolve: expect.stringMatching(/^(ECONNREFUSED|ENOTFOUND|ESERVFAIL|ETIMEOUT|ENETUNREACH)$/),
      });
    }));
});
