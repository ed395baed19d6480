import { describe, expect, it } from "vitest";
import { containerIn, isOrphan, LABEL, ownerLabels, thisOwner } from "./owner.ts";

const now = new Date("2026-01-01T12:00:00Z");
const later = new Date("2026-01-01T13:00:00Z");
const owner = thisOwner();
const viewer = { ...owner, instance: "another runner" };
/** The highest number that Linux gives to no process. */
const NOBODY = 2 ** 22 + 1;

const orphaned = (labels: Record<string, string>): boolean =>
  isOrphan({ ...ownerLabels(owner, "task", later), ...labels }, viewer, now);

describe("isOrphan", () => {
  it("spares containers of a process that lives, its own first of all", () => {
    expect(orphaned({})).toBe(false);
    expect(isOrphan(ownerLabels(viewer, "task", new Date(0)), viewer, now)).toBe(false);
  });

  it("tells by the process, and by its start where the number is another's now", () => {
    expect(orphaned({ [LABEL.process]: String(NOBODY) })).toBe(true);
    expect(orphaned({ [LABEL.processStart]: "12" })).toBe(process.platform === "linux");
  });

  it("knows processes of other machines by their deadline alone", () => {
    const elsewhere = { [LABEL.host]: "elsewhere", [LABEL.process]: String(NOBODY) };
    expect(orphaned(elsewhere)).toBe(false);
    expect(orphaned({ ...elsewhere, [LABEL.deadline]: now.toISOString() })).toBe(true);
  });

  it("spares what has not our labels, or nonsense in them", () => {
    expect(isOrphan({}, viewer, now)).toBe(false);
    expect(isOrphan({ "com.example.job": "1" }, viewer, now)).toBe(false);
    expect(orphaned({ [LABEL.process]: "no number", [LABEL.deadline]: "never" })).toBe(false);
  });
});

describe("containerIn", () => {
  const id = "771e385e3da7".padEnd(64, "0");

  it("knows a container by the file that its name comes from", () => {
    const mounts = `644 627 254:0 /var/lib/docker/containers/${id}/hostname /etc/hostname rw,relatime - ext4 /dev/vda rw\n`;
    expect(containerIn(`627 580 0:57 / / rw,relatime - overlay overlay rw\n${mounts}`)).toBe(id);
  });

  it("takes no machine for one of the containers that run on it", () => {
    expect(containerIn(`98 25 0:47 / /var/lib/docker/containers/${id}/mounts/shm rw - tmpfs shm rw\n`)).toBeNull();
    expect(containerIn("")).toBeNull();
  });
});
