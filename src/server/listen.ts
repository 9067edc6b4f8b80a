// From an application to a port, and back.
import { randomBytes } from "node:crypto";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { createServer, type ServerOptions } from "./create-server.ts";
import { cannotListen, emptyToken, portTaken } from "./errors.ts";
import { isLoopback } from "./security.ts";
import { warmFirstView } from "./warm-first-view.ts";

/** Where to listen; the rest as {@link ServerOptions}. */
export interface ListenOptions extends Omit<ServerOptions, "token"> {
  /** 0 for any free port. */
  readonly port: number;
  /** Drawn at random when left out and the host is not this machine alone. */
  readonly token?: string;
}

/** A server that listens. */
export interface Listening {
  /** What to open in a browser, with the token where there is one. */
  readonly address: string;
  readonly port: number;
  /** Asks ahead for what the first page will show, so that it is there when the browser is. */
  warm(): Promise<void>;
  /** Stops listening, ends open answers and closes every file. */
  close(): Promise<void>;
}

/** Node would close a connection after 5 s without a question: on a busy machine in the face of a reader who is about to ask the next. */
const KEPT_OPEN_MS = 65_000;

/** Starts the explorer's server. @throws GanDlError `no-folder`, `no-explorer`, `port-taken`, `cannot-listen`, `empty-token`. */
export async function listen(options: ListenOptions): Promise<Listening> {
  if (options.token?.trim() === "") throw emptyToken();
  const token = options.token ?? (isLoopback(options.host) ? null : randomBytes(24).toString("base64url"));
  const explorer = await createServer({ ...options, token });
  const server = createAdaptorServer({ fetch: explorer.app.fetch, serverOptions: { keepAliveTimeout: KEPT_OPEN_MS } });
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(options.port, options.host, resolve);
    });
  } catch (cause) {
    explorer.close();
    if ((cause as NodeJS.ErrnoException).code === "EADDRINUSE") throw portTaken(options.port, cause);
    throw cannotListen(options.host, options.port, cause);
  }
  const { port } = server.address() as AddressInfo;
  const name = options.host.includes(":") ? `[${options.host}]` : options.host;
  return {
    port,
    warm: () => warmFirstView(explorer.context),
    address: `http://${name}:${port}/${token === null ? "" : `?token=${encodeURIComponent(token)}`}`,
    close: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        if ("closeAllConnections" in server) server.closeAllConnections();
      });
      explorer.close();
    },
  };
}
