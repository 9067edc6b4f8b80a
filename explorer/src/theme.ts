// Dark or light: as the system says, until the reader says otherwise.
import { effect, signal } from "@preact/signals";

export type Theme = "light" | "dark";

const KEY = "gandl-theme";
const system = matchMedia("(prefers-color-scheme: dark)");
const chosen = localStorage.getItem(KEY);

/** The appearance now. */
export const theme = signal<Theme>(chosen === "light" || chosen === "dark" ? chosen : systemTheme());

system.addEventListener("change", () => {
  if (localStorage.getItem(KEY) === null) theme.value = systemTheme();
});
effect(() => {
  document.documentElement.dataset.theme = theme.value;
});

function systemTheme(): Theme {
  return system.matches ? "dark" : "light";
}

/** The other one, remembered by this browser. */
export function toggleTheme(): void {
  theme.value = theme.value === "dark" ? "light" : "dark";
  localStorage.setItem(KEY, theme.value);
}
