import { afterEach, describe, expect, it, vi } from "vitest";
import { pageFixture } from "./page.fixture.ts";
import { loadReference } from "./page-files.ts";

afterEach(() => vi.unstubAllGlobals());

/** A host that has these files. */
const host = (files: Record<string, BodyInit>) =>
  vi.stubGlobal("fetch", async (url: URL) => {
    const name = url.pathname.slice(1);
    return name in files ? new Response(files[name]!) : new Response("", { status: 404 });
  });
const json = JSON.stringify(pageFixture());

describe("the files beside the page", () => {
  it("are read and belong together", async () => {
    host({ "reference.json": json, "reference.bin": new Uint8Array(12) });
    const { page, rows } = await loadReference("http://host/");
    expect(page.wells.n).toBe(3);
    expect([...rows]).toEqual([0, 5, 0, 5, 0, 5]);
  });

  it("are refused by name where they are missing, foreign or of another size", async () => {
    host({});
    await expect(loadReference("http://host/")).rejects.toThrow(/reference\.json cannot be used[\s\S]*answers 404/);
    host({ "reference.json": '{"kind":"other"}' });
    await expect(loadReference("http://host/")).rejects.toThrow(/reference\.json[\s\S]*expected form/);
    host({ "reference.json": json, "reference.bin": new Uint8Array(10) });
    await expect(loadReference("http://host/")).rejects.toThrow(/reference\.bin[\s\S]*as many values/);
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("blocked")));
    await expect(loadReference("file:///page/")).rejects.toThrow(/opened as a file/);
  });
});
