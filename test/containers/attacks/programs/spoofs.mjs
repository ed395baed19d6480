// Attacks on the conversation: results that are none, or somebody else's.
import { closeSync, existsSync } from "node:fs";

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
