// Embeddings as a map: colour, filter, lasso, neighbours.
import { useEffect, useState } from "preact/hooks";
import type { CatalogueEntry, ColumnAnswer, EmbeddingAnswer, MapAnswer } from "../../../src/schema/explorer.ts";
import { apiPath, askJson, useAnswer, useJson } from "../api.ts";
import { Gone } from "../notice.tsx";
import type { FrameProps } from "../page-props.ts";
import { Choice } from "../parts/choice.tsx";
import { MapView } from "../parts/map-view.tsx";
import { PageTitle } from "../parts/page-title.tsx";
import { fetchPoints } from "../parts/points.ts";
import { hasWebGl } from "../parts/scatter.tsx";
import { Empty, Failed, Loaded } from "../parts/states.tsx";
import { change, go, route } from "../router.ts";

const COLOURED_FIRST = ["condition", "treatment", "role", "cell_type", "plate_id"];

export function MapPage({ catalogue }: FrameProps) {
  const entries = catalogue.entries.filter(({ kind }) => kind === "embedding");
  const { embedding: asked } = route.value.params;
  const entry = asked === undefined ? entries[0] : entries.find(({ id }) => id === asked);
  if (!entry && asked !== undefined) return <Gone what="embedding" onOther={() => go("map", {})} />;
  if (!entry)
    return (
      <Empty title="There is no embedding in the folders that are served.">
        <p>
          A map shows images by what an encoder sees in them. Make an embedding with{" "}
          <code>gandl embed --data DATASET --run RUN --out embeddings/mine</code>; any Parquet table with columns
          feature_0, feature_1, … is shown too.
        </p>
      </Empty>
    );
  if (!hasWebGl())
    return (
      <Empty title="This browser draws no WebGL.">
        <p>The map needs it. Allow hardware acceleration in the browser's settings, or use another browser.</p>
      </Empty>
    );
  return <OneEmbedding key={entry.id} entry={entry} entries={entries} />;
}

function OneEmbedding({ entry, entries }: { entry: CatalogueEntry; entries: readonly CatalogueEntry[] }) {
  const answer = useJson<EmbeddingAnswer>(apiPath("embeddings", entry.id));
  return (
    <div class="page map">
      <PageTitle
        entry={entry}
        entries={entries}
        label="Embedding"
        onChoose={(id) =>
          go("map", { kind: route.value.params.kind, colour: route.value.params.colour, embedding: id })
        }
      />
      <Loaded of={answer} what="the embedding">
        {(embedding) => <EmbeddingMap embedding={embedding} />}
      </Loaded>
    </div>
  );
}

function EmbeddingMap({ embedding }: { embedding: EmbeddingAnswer }) {
  const { params } = route.value;
  const kind = params.kind === "umap" ? "umap" : "pca";
  const names = embedding.columns.filter(({ nDistinct }) => nDistinct > 0).map(({ name }) => name);
  const colour = params.colour ?? COLOURED_FIRST.find((name) => names.includes(name)) ?? names[0];
  const map = useMapWhenReady(embedding.id, kind);
  const points = useAnswer(map?.state === "ready" ? `${embedding.id} ${kind}` : null, (signal) =>
    fetchPoints(embedding.id, kind, signal),
  );
  const column = useAnswer<{ of: ColumnAnswer | null }>(`${embedding.id} ${colour}`, async (signal) => ({
    of:
      colour === undefined
        ? null
        : await askJson<ColumnAnswer>(apiPath("embeddings", embedding.id, "columns", colour), { signal }),
  }));
  return (
    <>
      <div class="choices">
        <Choice
          label="Map"
          value={kind}
          options={[
            ["pca", "principal components"],
            ["umap", "UMAP"],
          ]}
          onChoose={(value) => change({ kind: value, view: undefined, lasso: undefined })}
        />
        <Choice
          label="Colour"
          value={colour ?? ""}
          options={names.map((name) => [name, name] as const)}
          onChoose={(name) => change({ colour: name, hide: undefined })}
        />
        {map?.state === "ready" && map.note && <span class="aside">{map.note}</span>}
      </div>
      {map?.state === "failed" && <Failed error={new Error(map.message)} />}
      {map?.state === "working" && <Working map={map} />}
      {map?.state === "ready" && (
        <Loaded of={points} what="the points">
          {(there) => (
            <Loaded of={column} what={`the column ${colour}`}>
              {({ of }) => <MapView embedding={embedding} points={there} column={of} />}
            </Loaded>
          )}
        </Loaded>
      )}
    </>
  );
}

function Working({ map: { step, percent, seconds } }: { map: Extract<MapAnswer, { state: "working" }> }) {
  return (
    <div class="waiting" role="status">
      <span class="spinner" aria-hidden="true" />
      <span>
        Drawing the map: {step}
        {percent !== null && `, ${percent} %`}, {seconds} s. It goes on while you look elsewhere, and is kept for the
        next time.
        {percent !== null && <progress max="100" value={percent} aria-label={step} />}
      </span>
    </div>
  );
}

const ASK_AGAIN_MS = 400;

/** Asks until the map is drawn or has failed. */
function useMapWhenReady(embedding: string, kind: string): MapAnswer | null {
  const [answer, setAnswer] = useState<MapAnswer | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    let timer = 0;
    setAnswer(null);
    const again = async () => {
      try {
        const path = `${apiPath("embeddings", embedding, "map")}?kind=${kind}`;
        const next = await askJson<MapAnswer>(path, { signal: stop.signal });
        setAnswer(next);
        if (next.state === "working") timer = window.setTimeout(again, ASK_AGAIN_MS);
      } catch (error) {
        if (!stop.signal.aborted) setAnswer({ state: "failed", message: (error as Error).message });
      }
    };
    void again();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [embedding, kind]);
  return answer;
}
