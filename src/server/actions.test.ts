// The requests that act or follow, against real folders, through Hono's own dispatch.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Hono } from "hono";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { isGanDlError } from "../core/index.ts";
import type { DrawnImages } from "../schema/index.ts";
import { DrawQueue } from "./draw-queue.ts";
import { cannotAskToStop } from "./errors-actions.ts";
import { type DrawImages, drawRoutes } from "./routes/draw.ts";
import { resultRoutes } from "./routes/results.ts";
import { trainingRoutes } from "./routes/training.ts";
import { RunLogs } from "./run-logs.ts";
import { SharedAnswers } from "./shared-answers.ts";

const root = mkdtempSync(join(tmpdir(), "gandl-actions-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const run = join(root, "run");
const runFolder = async (id: string) => (id === "run" ? run : null);
const token = "secret";
const OWN = {
  ...{ host: "127.0.0.1:7000", origin: "http://127.0.0.1:7000", "content-type": "application/json" },
  "x-gandl-action": token,
};
const withErrors = (app: Hono) =>
  app.onError((error, c) => c.json({ code: isGanDlError(error) ? error.code : "fault", text: error.message }, 400));

beforeEach(() => {
  rmSync(run, { recursive: true, force: true });
  mkdirSync(join(run, "samples"), { recursive: true });
});

describe("training routes", () => {
  const app = withErrors(trainingRoutes({ runFolder, token, logs: new RunLogs(5) }));
  const ask = (headers: Record<string, string>, id = "run") =>
    app.request(`/${id}/stop`, { method: "POST", headers, body: "{}" });
  const hold = (pid: number, host = hostname()) => writeFileSync(join(run, "run.lock"), JSON.stringify({ pid, host }));

  it("stream what was logged and what is added", async () => {
    const line = (step: number) =>
      `${JSON.stringify({ kind: "sample", time: "t", kimg: step, step, file: "samples/a.png" })}\n`;
    writeFileSync(join(run, "events.jsonl"), line(1));
    const response = await app.request("/run/events");
    expect(response.headers.get("content-type")).toMatch(/text\/event-stream/);
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader.read()).value).toMatch(/^event: history\ndata: \[\{"kind":"sample".*"step":1/);
    writeFileSync(join(run, "events.jsonl"), line(2), { flag: "a" });
    expect((await reader.read()).value).toMatch(/^event: events\ndata: \[.*"step":2/);
    await reader.cancel();
  });

  it("give samples by name and nothing beside them", async () => {
    writeFileSync(join(run, "samples", "real.png"), "png");
    writeFileSync(join(run, "secret.png"), "no");
    expect(await (await app.request("/run/samples/real.png")).text()).toBe("png");
    for (const path of ["..%2Fsecret.png", "none.png", "%2e%2e/secret.png", "real.png%00"])
      expect((await app.request(`/run/samples/${path}`)).status, path).toBe(404);
    expect(await (await app.request("/other/events")).json()).toMatchObject({ code: "no-such-run" });
  });

  it("stop a training that is under way, asked by the page alone", async () => {
    hold(process.pid);
    expect(await (await app.request("/run/training")).json()).toEqual({ holder: { host: hostname(), isHere: true } });
    const foreign = [
      { origin: "http://evil.example" },
      { origin: "not a url" },
      { "content-type": "text/plain" },
      { "x-gandl-action": "other!" },
      { "x-gandl-action": "" },
    ];
    for (const wrong of foreign) {
      expect(await (await ask({ ...OWN, ...wrong })).json()).toMatchObject({ code: "foreign-request" });
      expect(existsSync(join(run, "stop.request"))).toBe(false);
    }
    expect((await ask(OWN)).status).toBe(202);
    expect(existsSync(join(run, "stop.request"))).toBe(true);
  });

  it("refuse to stop what nobody trains", async () => {
    expect(await (await ask(OWN)).json()).toMatchObject({ code: "not-running" });
    hold(2 ** 22 + 1);
    expect(await (await ask(OWN)).json()).toMatchObject({ code: "not-running" });
    expect(await (await ask(OWN, "other")).json()).toMatchObject({ code: "no-such-run" });
    hold(2 ** 22 + 1, "elsewhere");
    expect((await ask(OWN)).status).toBe(202); // of another machine nothing is sure
    expect(cannotAskToStop(new Error("read-only")).message).toMatch(/read-only[\s\S]*Ctrl-C/);
  });
});

it("results are told by folder, newest first", async () => {
  const results = join(root, "results");
  mkdirSync(results, { recursive: true });
  const task = { task: "hits", title: "t", question: "q", encoder: "e", split: "s", nWells: 1, nImages: 1, nPlates: 1 };
  writeFileSync(join(results, "a.json"), JSON.stringify([{ ...task, seed: 1, results: [], notes: [] }]));
  const answer = await resultRoutes(new Map([["mine", results]]), new SharedAnswers(1000)).request("/");
  expect(await answer.json()).toMatchObject([{ folder: "mine", file: "a.json", runs: [{ task: "hits" }] }]);
});

describe("drawing", () => {
  const drawn: DrawnImages = { kimg: 1, range: "r", sidePx: 4, images: [] };
  const what = { kind: "seeds", first: 1, n: 2, className: null };
  const post = (drawImages: DrawImages | null, body: unknown, headers: Record<string, string> = OWN) =>
    withErrors(drawRoutes({ runFolder, token, drawImages, conditionsOf: async () => [] })).request("/run/draw", {
      ...{ method: "POST", headers, body: JSON.stringify(body) },
    });

  it("hands the request to the one who can, with its defaults", async () => {
    const seen: unknown[] = [];
    const draw: DrawImages = async (folder, request) => {
      seen.push(folder, request);
      return drawn;
    };
    expect(await (await post(draw, { what })).json()).toEqual(drawn);
    expect(seen).toEqual([run, { checkpoint: "latest", truncation: 1, what }]);
    expect(await (await post(draw, { what: { kind: "seeds" } })).json()).toMatchObject({ code: "bad-request" });
    expect(await (await post(draw, { what }, { ...OWN, origin: "http://evil" })).json()).toMatchObject({
      code: "foreign-request",
    });
    expect(await (await post(null, { what })).json()).toMatchObject({ code: "cannot-draw" });
  });

  it("tells the conditions that a walk of a run may lead between", async () => {
    const conditionsOf = async (folder: string) => [basename(folder), "Mock"];
    const app = withErrors(drawRoutes({ runFolder, token, drawImages: null, conditionsOf }));
    expect(await (await app.request("/run/conditions")).json()).toEqual(["run", "Mock"]);
    expect(await (await app.request("/none/conditions")).json()).toMatchObject({ code: "no-such-run" });
  });

  it("lets one draw and one wait, refuses a third, and goes on after a failure", async () => {
    const queue = new DrawQueue();
    const never = new AbortController().signal;
    const order: string[] = [];
    let release = () => {};
    const first = queue.run(async () => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      order.push("first");
      throw new Error("failed");
    }, never);
    const second = queue.run(async () => order.push("second"), never);
    await expect(queue.run(async () => order.push("third"), never)).rejects.toThrow(/try again in a few seconds/);
    release();
    await expect(first).rejects.toThrow("failed");
    await second;
    expect(order).toEqual(["first", "second"]);
    await expect(queue.run(async () => order.push("gone"), AbortSignal.abort())).rejects.toThrow();
    await queue.run(async () => order.push("last"), never);
    expect(order).toEqual(["first", "second", "last"]);
  });
});
