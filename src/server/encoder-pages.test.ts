import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Catalogue } from "../schema/explorer.ts";
import { createServer } from "./create-server.ts";
import { encoderPageRoutes } from "./routes/encoder-pages.ts";

const root = mkdtempSync(join(tmpdir(), "gandl-encoder-pages-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const LOCAL = { host: "127.0.0.1", token: null };
const built = join(root, "built");
const served = join(root, "served");
beforeAll(() => {
  mkdirSync(join(built, "assets"), { recursive: true });
  mkdirSync(join(served, "demo/page/assets"), { recursive: true });
  mkdirSync(join(served, "half"));
  writeFileSync(join(built, "encoder.html"), "<p>ours</p>");
  writeFileSync(join(built, "assets/a.wasm"), "wasm");
  for (const file of ["model.onnx", "reference.json", "reference.bin"])
    writeFileSync(join(served, "demo/page", file), file);
  writeFileSync(join(served, "half/reference.json"), "{}");
  writeFileSync(join(served, "demo/page/index.html"), "<script>theirs</script>");
  writeFileSync(join(served, "demo/page/assets/evil.js"), "theirs");
  writeFileSync(join(root, "secret.bin"), "secret");
});

describe("encoder pages of served folders", () => {
  const app = encoderPageRoutes({ folders: [served], built });
  app.onError((error, c) => c.text(error.message, 404));
  const page = "/served~demo~page";

  it("are our page with the folder's numbers", async () => {
    const first = await app.request("/");
    expect([first.status, first.headers.get("location")]).toEqual([302, "/served~demo~page/"]);
    expect(await (await app.request(`${page}/`)).text()).toBe("<p>ours</p>");
    const wasm = await app.request(`${page}/assets/a.wasm`);
    expect([wasm.headers.get("content-type"), await wasm.text()]).toEqual(["application/wasm", "wasm"]);
    expect(await (await app.request(`${page}/reference.bin`)).text()).toBe("reference.bin");
  });

  it("are told by the catalogue where they can be shown", async () => {
    const told = async (folder: string, encoderPage: { encoderPage?: string }) => {
      const server = await createServer({ folders: [folder], pages: null, version: "0", ...LOCAL, ...encoderPage });
      const answer = await server.app.request("http://127.0.0.1/api/catalogue", { headers: { host: "127.0.0.1" } });
      server.close();
      return Catalogue.parse(await answer.json()).hasEncoderPage;
    };
    expect(await told(served, { encoderPage: built })).toBe(true);
    expect(await told(served, {})).toBe(false); // not bundled
    expect(await told(built, { encoderPage: built })).toBe(false); // none exported
  });

  it("never give a folder's own script, nor anything beside", async () => {
    const paths = ["index.html", "assets/evil.js", "..%2f..%2f..%2fsecret.bin", "assets/..%2f..%2fsecret.bin", "other"];
    for (const path of paths) expect((await app.request(`${page}/${path}`)).status, path).toBe(404);
    expect(await (await app.request("/served~half/")).text()).toMatch(/no encoder page[\s\S]*gandl export page/);
    const none = encoderPageRoutes({ folders: [built], built });
    none.onError((error, c) => c.text(error.message, 404));
    expect((await none.request("/")).status).toBe(404);
  });
});
