// What the first view asks for, asked before it: a server that has just started answers as one that has run for a while.
import type { ServerContext } from "./route-group.ts";
import { FIRST_COLOUR, plateBytes } from "./routes/datasets.ts";

/** The first view is of the first plate of the first data set. @throws GanDlError `damaged-dataset`, `bad-table`. */
export async function warmFirstView(context: ServerContext): Promise<void> {
  const first = (await context.catalogue.all()).find(({ entry }) => entry.kind === "dataset");
  if (!first) return;
  await context.datasets.use(first.entry.id, async (dataset) => {
    const [columns, [plate]] = await Promise.all([dataset.columns(), dataset.plates(), dataset.measures()]);
    if (plate && columns.some(({ name, nDistinct }) => name === FIRST_COLOUR && nDistinct > 0))
      await plateBytes(context, dataset, plate.plateId, FIRST_COLOUR, new AbortController().signal);
  });
}
