// Who is refused, and that every answer carries what keeps browsers safe.
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ApiFault } from "../schema/explorer.ts";
import { createServer } from "./create-server.ts";
import { isLoopback } from "./security.ts";
import { fixtureManifest, fixtureServer, get, idOf, servedFolder, writeFixtureDataset } from "./server.fixture.ts";

const folder = await servedFolder();
const server = await fixtureServer(folder);
const codeOf = async (response: Response) => ApiFault.parse(await response.json()).code;

describe("a server on this machine alone", () => {
  it("answers its own names", async () => {
    for (const host of ["127.0.0.1:4173", "localhost:80", "[::1]:9"])
      expect((await get(server, "/api/catalogue", { host })).status).toBe(200);
  });
  it("refuses a foreign Host, as after DNS rebinding", async () => {
    for (const host of ["evil.example", "localhost.evil.example", "10.0.0.7:4173", "127.0.0.1.nip.io"]) {
      const response = await get(server, "/api/catalogue", { host });
      expect([host, response.status, await codeOf(response)]).toEqual([host, 421, "foreign-host"]);
    }
  });
  it("refuses requests from other sites' pages, and lets links open ours", async () => {
    const foreign = { origin: "http://evil.example" };
    expect(await codeOf(await get(server, "/api/catalogue", foreign))).toBe("cross-origin");
    expect(await codeOf(await get(server, "/api/catalogue", { origin: "null" }))).toBe("cross-origin");
    expect(await codeOf(await get(server, "/api/catalogue", { "sec-fetch-site": "cross-site" }))).toBe("cross-origin");
    const link = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };
    expect((await get(server, "/api/catalogue", link)).status).toBe(403);
    expect((await get(server, "/", link)).status).toBe(404); // passed on to the pages, of which there are none here
    const own = { origin: "http://127.0.0.1:4173", "sec-fetch-site": "same-origin" };
    expect((await get(server, "/api/catalogue", own)).status).toBe(200);
  });
  it("only reads", async () => {
    for (const method of ["PUT", "DELETE", "PATCH", "OPTIONS"]) {
      const response = await server.app.request("http://127.0.0.1/api/catalogue", { method });
      expect([response.status, await codeOf(response)]).toEqual([405, "bad-method"]);
    }
  });
  it("puts the policy on answers and refusals alike", async () => {
    for (const response of [
      await get(server, "/api/catalogue"),
      await get(server, "/nowhere"),
      await get(server, "/", { host: "evil" }),
    ]) {
      expect(response.headers.get("content-security-policy")).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
      expect(response.headers.get("content-security-policy")).not.toContain("unsafe-inline");
      expect(response.headers.get("x-content-type-options")).toBe("nosniff");
      expect(response.headers.get("cross-origin-resource-policy")).toBe("same-origin");
      expect(response.headers.get("access-control-allow-origin")).toBeNull();
    }
  });
});

describe("a server that others can reach", () => {
  it("asks for its token, in a cookie, the address or a header, and takes no other", async () => {
    const open = await fixtureServer(folder, { host: "0.0.0.0", token: "secret" });
    expect(await codeOf(await get(open, "/api/catalogue"))).toBe("no-token");
    expect(await codeOf(await get(open, "/api/catalogue?token=wrong"))).toBe("no-token");
    expect((await get(open, "/api/catalogue?token=secret")).status).toBe(200);
    expect((await get(open, "/api/catalogue", { authorization: "Bearer secret" })).status).toBe(200);
    const visit = await get(open, "/?token=secret");
    expect([visit.status, visit.headers.get("location")]).toEqual([302, "/"]);
    const cookie = visit.headers.get("set-cookie")!;
    expect(cookie).toMatch(/HttpOnly; SameSite=Lax/);
    expect((await get(open, "/api/catalogue", { cookie: cookie.split(";")[0]! })).status).toBe(200);
  });
  it("answers to numbers, which nobody can rebind, and to no other name", async () => {
    const open = await fixtureServer(folder, { host: "0.0.0.0", token: "secret" });
    expect((await get(open, "/api/catalogue?token=secret", { host: "10.0.0.7:4173" })).status).toBe(200);
    expect(await codeOf(await get(open, "/api/catalogue?token=secret", { host: "evil.example" }))).toBe("foreign-host");
  });
  it("knows which addresses are this machine alone", () => {
    expect(["localhost", "127.0.0.1", "127.8.8.8", "::1"].map(isLoopback)).toEqual([true, true, true, true]);
    expect(["0.0.0.0", "::", "10.0.0.1", "127.0.0.1.evil.example"].map(isLoopback)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });
});

describe("paths", () => {
  it("outside the pages do not exist, however they are written", async () => {
    const pages = join(folder, "pages");
    mkdirSync(join(pages, "assets"), { recursive: true });
    writeFileSync(join(pages, "index.html"), "<p>explorer</p>");
    writeFileSync(join(folder, "secret.json"), "secret");
    const withPages = await createServer({ folders: [folder], pages, version: "0", host: "127.0.0.1", token: null });
    expect(await (await get(withPages, "/")).text()).toContain("explorer");
    for (const path of [
      "/../secret.json",
      "/..%2fsecret.json",
      "/%2e%2e/secret.json",
      "/assets/..%5c..%5csecret.json",
      "//etc/passwd",
      "/assets",
    ]) {
      const response = await get(withPages, path);
      expect([path, response.status]).toEqual([path, 404]);
    }
    withPages.close();
  });
  it("in ids are not looked up on disk", async () => {
    for (const id of ["..%2f..%2fetc", "%2fetc%2fpasswd", "data"])
      expect((await get(server, `/api/datasets/${id}`)).status).toBe(404);
  });
  it("of shards that point outside the data set are refused", async () => {
    const hostile = join(folder, "nested");
    await writeFixtureDataset(join(hostile, "bad"), {
      ...fixtureManifest,
      shards: [{ file: "../../data/shards/00000.npy", nSites: 24 }],
    });
    const other = await fixtureServer(hostile);
    const response = await get(other, `/api/datasets/${await idOf(other, "dataset")}`);
    expect([response.status, await codeOf(response)]).toEqual([400, "unsafe-path"]);
  });
  it("of links are not followed", async () => {
    const linked = join(folder, "linked");
    mkdirSync(linked);
    symlinkSync(join(folder, "data"), join(linked, "elsewhere"));
    const other = await fixtureServer(linked);
    expect(await other.context.catalogue.all()).toEqual([]);
  });
  it("of this machine are in no answer", async () => {
    for (const path of [
      "/api/catalogue",
      "/api/datasets/x",
      `/api/datasets/${await idOf(await fixtureServer(join(folder, "data")), "dataset")}`,
    ])
      expect(await (await get(server, path)).text()).not.toContain(folder);
  });
});
