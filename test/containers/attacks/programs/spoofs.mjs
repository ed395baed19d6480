// Attacks on the conversation: results that are none, or somebody else's.
import { spawn } from "node:child_process";
import { closeSync, existsSync, writeSync } from "node:fs";

const GOOD = '"result":{"loss":0}';

export const spoofs = {
  "a second result"({ id, answer }) {
    answer({ id, type: "result", result: { loss: 1 } });
    answer({ id, type: "result", result: { loss: 0 } });
  },
  "not a number": ({ id, write }) => void write(`{"id":${id},"type":"result","result":{"loss":NaN}}\n`),
  "a key twice": ({ id, write }) => void write(`{"id":${id},"type":"result","result":{"loss":9,"loss":0}}\n`),
  "an id twice": ({ id, write }) => void write(`{"id":${id + 1},"id":${id},"type":"result",${GOOD}}\n`),
  "an unknown id": ({ id, write }) => void write(`{"id":${id + 1},"type":"result",${GOOD}}\n`),
  "no id": ({ write }) => void write(`{"id":null,"type":"result",${GOOD}}\n`),
  "an unknown field": ({ id, write }) => void write(`{"id":${id},"type":"result",${GOOD},"rank":1}\n`),
  "a nest of lists": ({ id, write }) =>
    void write(`{"id":${id},"type":"result","result":${"[".repeat(1e5)}${"]".repeat(1e5)}}\n`),
  "less than nothing done": ({ id, write }) => void write(`{"id":${id},"type":"progress","done":-1,"total":1}\n`),
  "more than everything": ({ id, write }) => void write(`{"id":${id},"type":"progress","done":1e999,"total":1}\n`),
  "a byte order mark": ({ id, write }) => void write(`\uFEFF{"id":${id},"type":"result",${GOOD}}\n`),
  "a message without an end": ({ id, write }) => {
    write(`{"id":${id},"type":"result",${GOOD}`);
    setTimeout(() => process.exit(0), 100);
  },
  "the next model's result"({ id, answer }) {
    answer({ id, type: "result", result: { loss: 1 } });
    answer({ id: id + 1, type: "result", result: { loss: 0 } });
  },
  /** The next answer would end it. */
  "the start of the next model's result"({ id, answer, write }) {
    answer({ id, type: "result", result: { loss: 1 } });
    write(`{"id":${id + 1},"type":"result",${GOOD}`);
  },
  "keys of every object": ({ id, write }) =>
    void write(
      `{"id":${id},"type":"result","result":{"loss":1,"__proto__":{"rank":1},"constructor":{"prototype":{"rank":1}}}}\n`,
    ),
  "letters in pieces"({ id }) {
    const line = `{"id":${id},"type":"result","result":{"loss":1,"text":"é中😀"}}\n`;
    for (const byte of Buffer.from(line)) writeSync(1, Uint8Array.of(byte));
  },
  /** A result whose line has so many bytes, without its newline. */
  "a line of bytes"({ id, write, options: { bytes } }) {
    const [start, end] = [`{"id":${id},"type":"result","result":{"loss":1,"fill":"`, '"}}'];
    write(`${start}${"x".repeat(bytes - start.length - end.length)}${end}\n`);
  },
  /** Deaf to signals, and holding the output open. */
  "an end that leaves daemons": () => {
    const deaf =
      "for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => {}); setInterval(() => {}, 1000)";
    for (let child = 0; child < 3; child += 1)
      spawn(process.execPath, ["-e", deaf], { detached: true, stdio: "inherit" }).unref();
    process.exit(1);
  },
  "no JSON": ({ write }) => void write("Loading checkpoint shards: 100%\n"),
  "many progress lines"({ id, write }) {
    for (let line = 0; line < 100_000; line += 1)
      write(`{"id":${id},"type":"progress","done":${line},"total":100000}\n`);
  },
  /** Says that it is there, and waits until the test lets it go on. */
  async waiting({ id, answer }) {
    answer({ id, type: "progress", done: 0, total: 1 });
    while (!existsSync("/session/go")) await new Promise((resolve) => setTimeout(resolve, 20));
    return { loss: 1 };
  },
  /** Its end can't be told from its output any more. */
  "closed output": () => {
    closeSync(1);
    closeSync(2);
  },
  "a clean end in the middle": () => process.exit(0),
  /** What a killed program ends with. */
  "a pretended kill": () => process.exit(137),
  /** Node's own process is the container's first: the kernel does not let it be killed from inside. */
  "killing itself": ({ answer, id }) => {
    process.kill(process.pid, "SIGKILL");
    setTimeout(() => answer({ id, type: "result", result: { survived: true } }), 200);
  },
};
