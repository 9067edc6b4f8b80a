// `gandl serve`: plates, cells and maps in a browser on this machine.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import type { Listening, ListenOptions } from "../../server/index.ts";
import { packageVersion } from "../package-version.ts";
import { createView, type View } from "../view.ts";
import { whole } from "./import.ts";

interface Options {
  port: number;
  host: string;
  token?: string;
  open?: boolean;
  json?: boolean;
}

/** Where `npm run setup` builds the pages, seen from the sources and from the build alike. */
const PAGES = fileURLToPath(new URL("../../../dist/explorer", import.meta.url));
const ENCODER_PAGE = fileURLToPath(new URL("../../../dist/encoder-page", import.meta.url));

export function addServe(program: Command): void {
  program
    .command("serve")
    .summary("look at data sets, runs and embeddings in the browser")
    .description(
      "Serves the explorer over everything found in the folders given: plates, images, maps, training. It only reads, but for a request to stop a training. By default only this machine reaches it; on another --host everyone needs the token that the printed address carries.",
    )
    .argument("[folders...]", "where data sets, runs and embeddings lie", ["."])
    .option("--port <n>", "port to listen on; 0 for any free one", whole, 4173)
    .option("--host <name>", "address to listen on", "127.0.0.1")
    .option("--token <text>", "demand this token instead of a random one")
    .option("--open", "open the browser")
    .option("--json", "print the address as JSON")
    .addHelpText(
      "after",
      "\nExample:\n  gandl serve demo --open\n  gandl serve /data/screens --host 0.0.0.0 --port 8080",
    )
    .action(async (folders: string[], { port, host, token, open, json }: Options) => {
      const view = createView(json === true);
      const server = await startExplorer(view, { folders, port, host, ...(token === undefined ? {} : { token }) });
      view.result({ address: server.address, port: server.port }, `The explorer: ${server.address}`);
      view.line("Ctrl-C ends it.");
      server.warm().catch(() => {}); // the page will hear of it, in words
      if (open) openBrowser(server.address);
      await new Promise<void>((resolve) => {
        process.once("SIGINT", resolve);
        process.once("SIGTERM", resolve);
      });
      await server.close();
    });
}

/** Serves folders with all that needs tensors or pixels; its `close` ends that too. @throws GanDlError as `listen`. */
export async function startExplorer(
  view: View,
  where: Pick<ListenOptions, "folders" | "port" | "host" | "token">,
): Promise<Listening> {
  const { listen } = await import("../../server/index.ts");
  const { ExplorerHands } = await import("../serve/explorer-hands.ts");
  const hands = new ExplorerHands();
  const server = await listen({
    ...{ ...where, pages: PAGES, encoderPage: ENCODER_PAGE, version: packageVersion() },
    hands: (catalogue) => hands.of(catalogue),
    onFault: (error) => view.line(error instanceof Error ? (error.stack ?? error.message) : String(error)),
  });
  const close = async () => {
    await server.close();
    hands.close();
  };
  return { ...server, close };
}

/** Where there is no browser the address was printed, which is enough. */
export function openBrowser(address: string): void {
  const command = process.platform === "darwin" ? "open" : process.platform === "win32" ? "explorer" : "xdg-open";
  spawn(command, [address], { stdio: "ignore", detached: true })
    .on("error", () => {})
    .unref();
}
