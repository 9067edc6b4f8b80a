// Text to markup, safely: everything put into a template is escaped unless it is markup made here.

/** Markup that is already safe to put on the page. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What a template takes; `null` and `false` leave nothing, lists are joined. */
export type Fragment = Html | string | number | null | false | readonly Fragment[];

const ENTITY: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
// A parser drops or replaces these, and no name needs them.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is being removed
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;

/** Escapes text for an element's content or a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(CONTROL, "\ufffd").replace(/[&<>"']/g, (character) => ENTITY[character]!);
}

/** Markup from a template; values are escaped, so a treatment called `<script>` stays a name. */
export function html(strings: TemplateStringsArray, ...values: readonly Fragment[]): Html {
  return new Html(strings.reduce((out, part, i) => out + markup(values[i - 1] ?? null) + part));
}

function markup(value: Fragment): string {
  if (value instanceof Html) return value.text;
  if (value === null || value === false) return "";
  if (typeof value === "string") return escapeHtml(value);
  if (typeof value === "number") return String(value);
  return value.map(markup).join("");
}
