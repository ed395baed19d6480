// Attacks that carry something out of the container.
import { createSocket } from "node:dgram";
import { lookup, resolve4 } from "node:dns/promises";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { attempt } from "./attempt.mjs";

const tcp = (host, port) =>
  attempt(
    () =>
      new Promise((resolve, reject) => {
        const socket = connect({ host, port, timeout: 5000 });
        socket.once("connect", resolve).once("error", reject);
        socket.once("timeout", () => reject(new Error("no answer")));
      }),
  );
const udp = (host, port) =>
  attempt(
    () =>
      new Promise((resolve, reject) => {
        const socket = createSocket("udp4").once("error", reject);
        socket.send("the test rows", port, host, (error) => (error ? reject(error) : resolve()));
      }),
  );

export const network = {
  async connect({ options: { hosts, port } }) {
    const targets = hosts.map((host) => [host, port]);
    return {
      interfaces: Object.keys(networkInterfaces()),
      tcp: await Promise.all(targets.map(([host]) => tcp(host, port))),
      udp: await Promise.all(targets.map(([host]) => udp(host, port))),
    };
  },
  async "name lookup"({ options: { name } }) {
    return { lookup: await attempt(() => lookup(name)), resolve: await attempt(() => resolve4(name)) };
  },
};
