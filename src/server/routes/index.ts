// Every group of routes; a new one is a file and a line.
import type { RouteGroup } from "../route-group.ts";
import { catalogueRoutes } from "./catalogue.ts";
import { datasetRoutes } from "./datasets.ts";
import { embeddingRoutes } from "./embeddings.ts";
import { pixelRoutes } from "./pixels.ts";

export const ROUTES: readonly RouteGroup[] = [catalogueRoutes, datasetRoutes, pixelRoutes, embeddingRoutes];
