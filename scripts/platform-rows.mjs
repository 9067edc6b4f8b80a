// The rows of platforms.mjs: which system, which Node, and where LibTorch comes from.

/**
 * @typedef {object} PlatformRow
 * @property {string} name what `--only` takes
 * @property {string} title what the table says
 * @property {12 | 13} release Debian's
 * @property {string} system the folder of its system below build/debian: rows share one where neither can find the other's packages
 * @property {20 | 22 | 24 | null} node which Node is fetched for it; null: the release's own
 * @property {string[]} packages of Debian, put in before set-up looks for LibTorch
 * @property {boolean} wheel whether Python's newest torch is put in
 */

const VENV = ["python3-venv"];
const LIBTORCH = ["libtorch-dev", "libopenblas0-openmp"];

/** @type {readonly PlatformRow[]} */
export const ROWS = [
  row("debian-12/system", "Debian 12, its own LibTorch", 12, "12", 20),
  row("debian-12/wheel", "Debian 12, Python's torch alone", 12, "12-wheel", 20, VENV, true),
  row(
    "debian-12/wheel-beside",
    "Debian 12, Python's torch beside its own",
    12,
    "12-wheel-beside",
    20,
    [...VENV, ...LIBTORCH],
    true,
  ),
  row("debian-13/system", "Debian 13, its own LibTorch and Node", 13, "13", null),
  row("debian-13/node-22", "Debian 13, its own LibTorch", 13, "13", 22),
  row("debian-13/node-24", "Debian 13, its own LibTorch", 13, "13", 24),
];

function row(name, title, release, system, node, packages = [], wheel = false) {
  return { name, title, release, system, node, packages, wheel };
}

/** The rows that `only` names: one, or all whose names begin with `only/`. @throws Error when none does. */
export function rowsNamed(only, rows = ROWS) {
  const chosen = only === null ? rows : rows.filter(({ name }) => name === only);
  const found = chosen.length > 0 ? chosen : rows.filter(({ name }) => name.startsWith(`${only}/`));
  if (found.length > 0) return found;
  throw new Error(`There is no row ${only}.\n  fix: name one of ${rows.map(({ name }) => name).join(", ")}.`);
}

/** A row tells of what its title says only where the LibTorch that is loaded is the one it names. @returns null, or what is wrong. */
export function libraryFault({ wheel }, library) {
  const folder = wheel ? "/opt/torch/" : "/usr/lib/";
  return library?.startsWith(folder) ? null : `loads ${library ?? "no LibTorch"}, not the one below ${folder}`;
}
