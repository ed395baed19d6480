import { describe, expect, it } from "vitest";
import { download } from "./download.ts";
import { isPublicAddress } from "./public-address.ts";

const limits = { maxBytes: 1000, timeoutMs: 5000 };

describe("downloads for customers", () => {
  it.each(["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8"])("may go to %s", (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    "127.0.0.1",
    "10.1.2.3",
    "172.31.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "0.0.0.0",
    "::1",
    "fd00::1",
    "fe80::1",
    "::ffff:127.0.0.1",
    "localhost",
    "",
  ])("never go to %s", (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each([
    "http://example.org/a.json",
    "file:///etc/passwd",
    "https://127.0.0.1/a.json",
    "https://[::1]/a.json",
    "https://user:word@example.org/a",
    "nonsense",
    "https://localhost:1/a.json",
  ])("refuse %s with a value", async (url) => {
    const answer = await download(url, limits, new AbortController().signal);
    expect(answer).toMatchObject({ ok: false, error: { code: "DATASET_UNREADABLE" } });
  });
});
