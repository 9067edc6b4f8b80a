// The local web explorer's server: read-only over the folders it is given.
export type { ServerHands } from "./action-routes.ts";
export { CatalogueOfFolders } from "./catalogue.ts";
export { createServer, type ExplorerServer, type ServerOptions } from "./create-server.ts";
export { type Listening, type ListenOptions, listen } from "./listen.ts";
export type { RouteGroup, ServerContext } from "./route-group.ts";
export { type Access, isLoopback } from "./security.ts";
