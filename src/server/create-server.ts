// The explorer's server: a Hono application over folders, testable in process by `app.request`.

import { basename } from "node:path";
import { Hono } from "hono";
import { TableDesk } from "../data/table-desk.ts";
import { actionToken } from "./action-guard.ts";
import { actionRoutes, type ServerHands } from "./action-routes.ts";
import { CatalogueOfFolders } from "./catalogue.ts";
import { collectGarbage } from "./collect-garbage.ts";
import { nothingThere } from "./errors.ts";
import { OpenDatasets } from "./open-datasets.ts";
import { OpenEmbeddings } from "./open-embeddings.ts";
import { pages } from "./pages.ts";
import type { ServerContext } from "./route-group.ts";
import { encoderPageRoutes, hasEncoderPage } from "./routes/encoder-pages.ts";
import { ROUTES } from "./routes/index.ts";
import { type Access, fault, guard } from "./security.ts";
import { SharedAnswers } from "./shared-answers.ts";

/** What is served, and to whom. */
export interface ServerOptions extends Access {
  /** Folders that are looked through; read only. */
  readonly folders: readonly string[];
  /** Where the built pages lie; none for the data alone. */
  readonly pages: string | null;
  readonly version: string;
  /** What needs tensors or pixels to be drawn; without it those pages say that they cannot. */
  readonly hands?: (catalogue: CatalogueOfFolders) => ServerHands;
  /** Where the page of an encoder in the browser alone was bundled to; none without it. */
  readonly encoderPage?: string;
  /** Told of faults of our own, which the browser hears nothing of. */
  readonly onFault?: (error: unknown) => void;
}

/** A server that is ready to answer; `close` it after its last request. */
export interface ExplorerServer {
  readonly app: Hono;
  readonly context: ServerContext;
  close(): void;
}

/** Of large answers that are kept for who asks next. */
const ANSWER_BYTES = 32 * 2 ** 20;

const NO_HANDS: ServerHands = {
  drawImages: null,
  conditionsOf: async () => [],
  imagesOfTreatment: async () => null,
};

/** What follows and acts, over what the catalogue found. */
function actionsOf({ catalogue, answers }: ServerContext, hands: ServerHands): Hono {
  const runs = async () =>
    (await catalogue.all()).flatMap(({ entry, path }) =>
      entry.kind === "run" ? [{ id: entry.id, name: entry.name, folder: path }] : [],
    );
  const folders = new Map(catalogue.folders.map((folder) => [basename(folder), folder]));
  const datasetsNow = async () =>
    (await catalogue.all()).flatMap(({ entry, fingerprint }) => (entry.kind === "dataset" ? [fingerprint] : [])).join();
  return actionRoutes({ runs, folders, token: actionToken(), datasetsNow, answers, ...hands });
}

/**
 * Makes the server of `gandl serve`, not yet listening.
 * @throws GanDlError `no-folder`, `no-explorer`.
 * @example
 * ```ts
 * import { mkdtempSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { createServer } from "gan-dl/server";
 * const folder = mkdtempSync(join(tmpdir(), "gandl-example-"));
 * const server = await createServer({ folders: [folder], pages: null, version: "0", host: "127.0.0.1", token: null });
 * const answer = await server.app.request("http://127.0.0.1/api/catalogue");
 * console.assert(((await answer.json()) as { entries: unknown[] }).entries.length === 0);
 * server.close();
 * ```
 */
export async function createServer(options: ServerOptions): Promise<ExplorerServer> {
  const catalogue = await CatalogueOfFolders.open(options.folders);
  const servePages = options.pages === null ? null : await pages(options.pages);
  const desk = await TableDesk.open();
  const datasets = new OpenDatasets(catalogue, desk);
  const embeddings = new OpenEmbeddings(catalogue, desk);
  const context: ServerContext = {
    ...{ version: options.version, catalogue, desk, datasets, embeddings, answers: new SharedAnswers(ANSWER_BYTES) },
    hasEncoderPage: async () => options.encoderPage !== undefined && (await hasEncoderPage(catalogue.folders)),
  };

  const app = new Hono();
  app.use(collectGarbage(), guard(options));
  app.onError((error, c) => {
    const answer = fault(c, error);
    // Who went away ended the work: that is no fault.
    if (answer.status === 500 && !c.req.raw.signal.aborted) options.onFault?.(error);
    return answer;
  });
  const api = new Hono();
  for (const add of ROUTES) add(api, context);
  api.route("/", actionsOf(context, options.hands?.(catalogue) ?? NO_HANDS));
  app.route("/api", api);
  if (options.encoderPage !== undefined)
    app.route("/encode", encoderPageRoutes({ folders: catalogue.folders, built: options.encoderPage }));
  if (servePages) app.get("*", servePages);
  app.notFound((c) => fault(c, nothingThere("page", c.req.path)));
  const close = () => {
    datasets.close();
    embeddings.close();
    desk.close();
  };
  return { app, context, close };
}
