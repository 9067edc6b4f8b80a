// What there is to look at.
import { basename } from "node:path";
import type { Catalogue } from "../../schema/explorer.ts";
import type { RouteGroup } from "../route-group.ts";

export const catalogueRoutes: RouteGroup = (api, { catalogue, version }) => {
  api.get("/catalogue", async (c) => {
    const entries = (await catalogue.all()).map(({ entry }) => entry);
    return c.json({ version, folders: catalogue.folders.map((path) => basename(path)), entries } satisfies Catalogue);
  });
};
