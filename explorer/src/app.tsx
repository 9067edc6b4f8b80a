// The frame of every page: name, pages, theme; and the page that the address names.
import type { ComponentType } from "preact";
import { useRef } from "preact/hooks";
import type { Catalogue } from "../../src/schema/explorer.ts";
import { type Answer, useAnswer } from "./api.ts";
import { useCatalogue } from "./catalogue.ts";
import type { FrameProps } from "./page-props.ts";
import { PAGES, type PageEntry } from "./pages/index.ts";
import { Empty, Loaded } from "./parts/states.tsx";
import { addressOf, route } from "./router.ts";
import { theme, toggleTheme } from "./theme.ts";

export function App() {
  const asked = route.value.page;
  const page = asked === "" ? PAGES[0] : PAGES.find(({ id }) => id === asked);
  const catalogue = useCatalogue(page?.id);
  document.title = page ? `${page.title} – gan-dl explorer` : "gan-dl explorer";
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById("content")?.focus()}>
        Skip to the content
      </button>
      <Head current={page?.id ?? ""} catalogue={catalogue} />
      <main id="content" tabIndex={-1}>
        {page ? (
          <Page key={page.id} page={page} catalogue={catalogue} />
        ) : (
          <Empty title="There is no such page">Choose one above.</Empty>
        )}
      </main>
    </>
  );
}

function Head({ current, catalogue }: { current: string; catalogue: Answer<Catalogue> }) {
  const isDark = theme.value === "dark";
  const hasEncoder = useRef(false); // stays while the catalogue is asked for again
  if (catalogue.state === "there") hasEncoder.current = catalogue.value.hasEncoderPage;
  return (
    <header class="head">
      <a class="brand" href={addressOf("data")}>
        <Mark /> gan-dl
      </a>
      <nav aria-label="Pages">
        {PAGES.map(({ id, title }) => (
          <a key={id} href={addressOf(id)} aria-current={id === current ? "page" : undefined}>
            {title}
          </a>
        ))}
        {hasEncoder.current && (
          <a class="beside" href="encode" title="Embed an image in this browser alone; it goes nowhere">
            Encode an image
          </a>
        )}
      </nav>
      <button type="button" class="quiet" onClick={toggleTheme} aria-label={`Change to ${isDark ? "light" : "dark"}`}>
        {isDark ? "☀" : "☾"}
      </button>
    </header>
  );
}

const Mark = () => (
  <svg class="mark" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
    <circle cx="6" cy="6" r="3.4" />
    <circle cx="14" cy="6" r="3.4" opacity=".5" />
    <circle cx="6" cy="14" r="3.4" opacity=".5" />
    <circle cx="14" cy="14" r="3.4" />
  </svg>
);

function Page({ page, catalogue }: { page: PageEntry; catalogue: Answer<Catalogue> }) {
  const later = "later" in page.view ? page.view.later : null;
  const loaded = useAnswer(later && page.id, async () => ({ View: await later!() }));
  const view: Answer<{ View: ComponentType<FrameProps> }> =
    "now" in page.view ? { state: "there", value: { View: page.view.now } } : loaded;
  return (
    <Loaded of={catalogue} what="what there is">
      {(there) => (
        <Loaded of={view} what={page.title}>
          {({ View }) => <View catalogue={there} />}
        </Loaded>
      )}
    </Loaded>
  );
}
