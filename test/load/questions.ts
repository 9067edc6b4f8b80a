// Everything that the explorer's pages ask, as a list of requests whose answers never change while the folder's data do not.
import type { ServeProcess } from "./serve-process.ts";

/** A request whose answer is the same each time it is asked. */
export interface Question {
  readonly path: string;
  /** Rows of a selection, posted as JSON. */
  readonly body?: string;
}

interface Ids {
  readonly data: string;
  readonly cells: string;
  readonly run: string;
}

const getJson = async (server: ServeProcess, path: string): Promise<unknown> =>
  (await fetch(`${server.address}${path}`)).json();

/** Ids of the things that the study folder holds. */
export async function idsOf(server: ServeProcess): Promise<Ids> {
  const { entries } = (await getJson(server, "api/catalogue")) as { entries: { id: string; kind: string }[] };
  const idOf = (kind: string) => entries.find((entry) => entry.kind === kind)!.id;
  return { data: idOf("dataset"), cells: idOf("embedding"), run: idOf("run") };
}

/** The map is drawn once; the readers begin when it is there. */
export async function drawMap(server: ServeProcess, cells: string): Promise<void> {
  for (;;) {
    const answer = (await getJson(server, `api/embeddings/${cells}/map`)) as { state: string; message?: string };
    if (answer.state === "ready") return;
    if (answer.state === "failed") throw new Error(answer.message);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Every route that reads, each with several things to ask for. */
export async function questionsOf(server: ServeProcess, { data, cells, run }: Ids): Promise<Question[]> {
  const answer = (await getJson(server, `api/datasets/${data}`)) as {
    manifest: { nSites: number; channels: unknown[] };
    columns: { name: string }[];
    measures: string[];
    plates: { plateId: string }[];
  };
  const { nSites, channels } = answer.manifest;
  const images = Array.from({ length: nSites }, (_, i) => `api/datasets/${data}/images/${i}`);
  const colours = [...answer.columns.map(({ name }) => name), ...answer.measures].map(encodeURIComponent);
  const plates = answer.plates.map(({ plateId }) => `api/datasets/${data}/plates/${encodeURIComponent(plateId)}`);
  const columns = ["condition", "treatment", "dose_um", "well_id", "site_id", "image_index"];
  const wells = ((await getJson(server, plates[0]!)) as { wells: { wellId: string }[] }).wells.map((w) => w.wellId);
  const page = new URL((await fetch(`${server.address}encode`)).url).pathname.split("/")[2]; // it leads to the first one
  const rows = [0, 17, 400, 1234];
  const paths = [
    ...images.flatMap((image) => channels.map((_, c) => `${image}/planes/${c}`)),
    ...images.flatMap((image) => [64, 96, 256].map((side) => `${image}/thumbnail?side=${side}`)),
    ...plates.flatMap((plate) => colours.map((colour) => `${plate}?colour=${colour}`)),
    ...wells.map((well) => `api/datasets/${data}/wells/${encodeURIComponent(well)}`),
    ...["api/catalogue", `api/datasets/${data}`, `api/embeddings/${cells}`, "api/results"],
    ...["", "/points"].map((part) => `api/embeddings/${cells}/map${part}`),
    ...columns.map((name) => `api/embeddings/${cells}/columns/${name}`),
    ...rows.flatMap((row) => ["rows/", "neighbours?row="].map((part) => `api/embeddings/${cells}/${part}${row}`)),
    ...wells.slice(0, 4).map((well) => `api/embeddings/${cells}/neighbours?well=${encodeURIComponent(well)}`),
    ...["Synthestat A", "Synthinert D"].map((name) => `api/compound-images?treatment=${encodeURIComponent(name)}`),
    ...[`api/runs/${run}/training`, `api/runs/${run}/samples/real.png`, ""],
    ...["", "model.onnx", "reference.bin"].map((file) => `encode/${page}/${file}`),
  ];
  const selection = { path: `api/embeddings/${cells}/selection`, body: JSON.stringify({ rows }) };
  return [...paths.map((path) => ({ path })), selection];
}
