// What there is to look at.
import { basename } from "node:path";
import type { Catalogue } from "../../schema/explorer.ts";
import type { RouteGroup } from "../route-group.ts";

export const catalogueRoutes: RouteGroup = (api, { catalogue, version, hasEncoderPage }) => {
  api.get("/catalogue", async (c) => {
    const entries = (await catalogue.all()).map(({ entry }) => entry);
    const folders = catalogue.folders.map((path) => basename(path));
    return c.json({ version, folders, entries, hasEncoderPage: await hasEncoderPage() } satisfies Catalogue);
  });
};
