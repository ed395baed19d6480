import { execFileSync } from "node:child_process";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import type { OwnDevice } from "../../src/core/app/index.ts";
import { parseConfig, type DeviceChoice } from "../../src/core/infra/config/index.ts";
import { findDevices, startDeviceWork } from "../../src/core/infra/devices/index.ts";
import { askNvidiaSmi } from "../../src/core/infra/devices/nvidia-smi.ts";
import { createTestApp } from "../helpers/test-app.ts";
import { anyBase, aSealedField, heldRunner } from "../life/a-sealed-field.ts";
import { taskNow } from "../life/a-market.ts";
import { silentLog } from "./silent-log.ts";

const gpu = (uuid: string, memoryMiB: number | null = 81_559): OwnDevice => ({
  kind: "gpu",
  uuid,
  model: "NVIDIA H100 80GB HBM3",
  memoryMiB,
});

describe("GRADIENTS_DEVICES", () => {
  const parse = (text: string) => {
    const parsed = parseConfig({ GRADIENTS_DEVICES: text }, { workingFolder: "/o", packageFolder: "/p" });
    return parsed.ok ? parsed.value.devices : parsed.error;
  };

  it.each<[string, DeviceChoice]>([
    ["", { kind: "auto" }],
    ["auto", { kind: "auto" }],
    ["none", { kind: "none" }],
    ["cpu", { kind: "cpu", slots: 1 }],
    ["cpu:3", { kind: "cpu", slots: 3 }],
    ["gpu", { kind: "gpu", uuids: null }],
    ["GPU-a, GPU-b,GPU-a", { kind: "gpu", uuids: ["GPU-a", "GPU-b"] }],
    ["MIG-1f", { kind: "gpu", uuids: ["MIG-1f"] }],
  ])("takes %j", (text, choice) => {
    expect(parse(text)).toEqual(choice);
  });

  it.each(["cpu:0", "cpu:65", "cpu:", "0", "0,1", "GPU-a,cpu", "all", "GPU-a;rm"])("refuses %j", (text) => {
    expect(parse(text)).toEqual([expect.stringMatching(/^GRADIENTS_DEVICES: expected auto, none, cpu/)]);
  });
});

describe("nvidia-smi", () => {
  const ask = async (script: string) => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "gradients-smi-"));
    const command = join(folder.path, "nvidia-smi");
    // Written by another process: a file that this one has open while it starts a program could not be run ("text file busy").
    execFileSync("/bin/sh", ["-c", 'cat > "$1" && chmod 755 "$1"', "sh", command], { input: `#!/bin/sh\n${script}\n` });
    return await askNvidiaSmi(command);
  };

  it("is asked for uuid, name and memory of every GPU, and other lines are left out", async () => {
    const lines = ["GPU-1-a, NVIDIA H100 80GB HBM3, 81559", "No devices, at all, x", "", "GPU-2-b, A, B, 24564"];
    expect(await ask(`[ "$1" = --query-gpu=uuid,name,memory.total ] && printf '%s\\n' '${lines.join("' '")}'`)).toEqual(
      [gpu("GPU-1-a"), { kind: "gpu", uuid: "GPU-2-b", model: "A, B", memoryMiB: 24_564 }],
    );
  });

  it("that fails, or is not there, says nothing", async () => {
    expect(await ask("echo 'GPU-1-a, NVIDIA, 1'; exit 9")).toBeNull();
    expect(await askNvidiaSmi("/there/is/no/nvidia-smi")).toBeNull();
  });
});

describe("the devices of a process", () => {
  const find = (choice: DeviceChoice, gpus: readonly OwnDevice[] | null) =>
    findDevices(choice, { worker: "host-7", log: silentLog, askGpus: async () => gpus });
  const uuids = async (...of: Parameters<typeof find>) => (await find(...of)).map(({ uuid }) => uuid);

  it("are all GPUs, or one CPU slot where there is none", async () => {
    expect(await find({ kind: "auto" }, [gpu("GPU-a"), gpu("GPU-b")])).toEqual([gpu("GPU-a"), gpu("GPU-b")]);
    for (const none of [null, []]) {
      expect(await find({ kind: "auto" }, none)).toMatchObject([
        { kind: "cpu", uuid: "CPU-host-7-0", memoryMiB: null },
      ]);
    }
  });

  it("are as many CPU slots as asked for, or none at all, whatever GPUs there are", async () => {
    expect(await uuids({ kind: "cpu", slots: 2 }, [gpu("GPU-a")])).toEqual(["CPU-host-7-0", "CPU-host-7-1"]);
    expect(await uuids({ kind: "none" }, [gpu("GPU-a")])).toEqual([]);
  });

  it("are the GPUs that were asked for, as far as they are there", async () => {
    expect(await uuids({ kind: "gpu", uuids: null }, [gpu("GPU-a")])).toEqual(["GPU-a"]);
    expect(await uuids({ kind: "gpu", uuids: null }, null)).toEqual([]);
    const some = { kind: "gpu", uuids: ["GPU-b", "GPU-gone", "MIG-1"] } as const;
    expect(await uuids(some, [gpu("GPU-a"), gpu("GPU-b")])).toEqual(["GPU-b", "MIG-1"]);
    expect(await find(some, null)).toMatchObject([{ uuid: "GPU-b", memoryMiB: null }, { uuid: "GPU-gone" }, {}]);
  });
});

it("a process's devices are set to work by a bell, until it stops and takes them out", async () => {
  const runner = heldRunner();
  await using test = await createTestApp({ parts: { bases: anyBase, evalRunner: runner } });
  const { app } = test;
  const work = await startDeviceWork(app);
  const { task } = await aSealedField(app, 2);
  work.run();
  const [running] = await runner.atWork(1);
  runner.instantly = true;
  running?.end();
  await vi.waitUntil(async () => (await taskNow(app, task.id)).status === "SCORED", { timeout: 20_000 });
  await work.stop();
  expect(await app.store.find("devices", {})).toEqual([]);
  expect(await app.store.find("leases", {})).toEqual([]);
});
