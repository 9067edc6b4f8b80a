// Where the package lies: the bench runs from TypeScript sources in tests and from build/ otherwise.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

function folderWithPackageJson(folder: string): string {
  if (existsSync(join(folder, "package.json"))) return folder;
  const above = dirname(folder);
  if (above === folder) throw new Error("internal: the bench lies outside of a package");
  return folderWithPackageJson(above);
}

/** The folder of package.json. */
export const packageRoot = folderWithPackageJson(dirname(fileURLToPath(import.meta.url)));
