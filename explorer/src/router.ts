// The view is its address: `#/page?name=value`. Sharing the address shares the view.
import { signal } from "@preact/signals";

/** A page and what it shows. */
export interface Route {
  readonly page: string;
  readonly params: Readonly<Record<string, string>>;
}

/** What is shown now; redraws whatever reads it. */
export const route = signal<Route>(parseRoute(location.hash));
addEventListener("hashchange", () => {
  route.value = parseRoute(location.hash);
});

function parseRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  return { page: decoded(path), params: Object.fromEntries(new URLSearchParams(query)) };
}

/** Addresses are typed and cut off too: what cannot be decoded is the name of no page. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The address of a view, for links. */
export function addressOf(page: string, params: Readonly<Record<string, string | undefined>> = {}): string {
  const present = Object.entries(params).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const query = new URLSearchParams(present).toString();
  return `#/${encodeURIComponent(page)}${query === "" ? "" : `?${query}`}`;
}

/** Shows another page. */
export function go(page: string, params: Readonly<Record<string, string | undefined>> = {}): void {
  location.hash = addressOf(page, params);
}

/** Changes some of what the page shows; undefined takes a name out. Going back returns to the view before. */
export function change(params: Readonly<Record<string, string | undefined>>, { isStep = true } = {}): void {
  const address = addressOf(route.value.page, { ...route.value.params, ...params });
  if (address === location.hash) return;
  if (isStep) location.hash = address;
  else {
    history.replaceState(null, "", address);
    route.value = parseRoute(address);
  }
}
