// Plates, wells and their images.
import type { ComponentType } from "preact";
import { useMemo } from "preact/hooks";
import type { CatalogueEntry, DatasetAnswer, PlateAnswer, WellAnswer } from "../../../src/schema/explorer.ts";
import { apiPath, useAnswer, useJson } from "../api.ts";
import { Gone } from "../notice.tsx";
import type { FrameProps } from "../page-props.ts";
import { Choice } from "../parts/choice.tsx";
import { Legend } from "../parts/legend.tsx";
import { PageTitle } from "../parts/page-title.tsx";
import { PlateMap } from "../parts/plate-map.tsx";
import { categoryScale, formatValue, numberScale } from "../parts/scale.ts";
import { Empty, Loaded } from "../parts/states.tsx";
import { change, go, route } from "../router.ts";
import type { ViewerProps } from "../viewer/viewer.tsx";

/** Columns that say nothing by colour: every well has its own. */
const NAMES = new Set(["image_index", "site_id", "well_id", "well", "plate_id", "row", "column", "site"]);
const COLOURED_FIRST = ["condition", "role", "treatment", "dose_um", "cell_type"];

export function DataPage({ catalogue }: FrameProps) {
  const entries = catalogue.entries.filter(({ kind }) => kind === "dataset");
  const { dataset: asked } = route.value.params;
  const entry = asked === undefined ? entries[0] : entries.find(({ id }) => id === asked);
  if (!entry) return <NoData folders={catalogue.folders} wasAsked={asked !== undefined} />;
  return <OneDataset key={entry.id} entry={entry} entries={entries} />;
}

function NoData({ folders, wasAsked }: { folders: readonly string[]; wasAsked: boolean }) {
  if (wasAsked) return <Gone what="data set" onOther={() => go("data", {})} />;
  return (
    <Empty title="There is no data set in the folders that are served.">
      <p>
        Served: {folders.join(", ")}. Import images with <code>gandl import IMAGES --out data/mine</code>, or draw a
        synthetic screen with <code>gandl demo</code>; then serve that folder with <code>gandl serve FOLDER</code>.
      </p>
    </Empty>
  );
}

function OneDataset({ entry, entries }: { entry: CatalogueEntry; entries: readonly CatalogueEntry[] }) {
  const answer = useJson<DatasetAnswer>(apiPath("datasets", entry.id));
  return (
    <div class="page data">
      <PageTitle entry={entry} entries={entries} label="Data set" onChoose={(id) => go("data", { dataset: id })} />
      {entry.synthetic && <p class="banner">Synthetic: no real cell, virus or compound was involved.</p>}
      <Loaded of={answer} what="the data set">
        {(dataset) => <Plates dataset={dataset} />}
      </Loaded>
    </div>
  );
}

function Plates({ dataset }: { dataset: DatasetAnswer }) {
  const { params } = route.value;
  const columns = dataset.columns.filter(({ name, nDistinct }) => !NAMES.has(name) && nDistinct > 0).map((c) => c.name);
  const colour = params.colour ?? COLOURED_FIRST.find((name) => columns.includes(name)) ?? columns[0] ?? "role";
  const plateId = params.plate ?? dataset.plates[0]?.plateId;
  const key =
    plateId === undefined
      ? null
      : `${apiPath("datasets", dataset.id, "plates", plateId)}?colour=${encodeURIComponent(colour)}`;
  const plate = useJson<PlateAnswer>(key);
  if (plateId === undefined)
    return (
      <Empty title="This data set holds no image.">
        <p>
          Nothing was imported into it. Import images with <code>gandl import IMAGES --out data/mine</code>.
        </p>
      </Empty>
    );
  return (
    <div class="columns">
      <section class="panel" aria-label="Plate">
        <div class="choices">
          <Choice
            label="Plate"
            value={plateId}
            options={dataset.plates.map((p) => [p.plateId, `${p.plateId} (${p.nWells} wells)`] as const)}
            onChoose={(id) => change({ plate: id, well: undefined, image: undefined, view: undefined })}
          />
          <Choice
            label="Colour"
            value={colour}
            options={columns.map((name) => [name, name] as const)}
            more={{ title: "Measured on the images", options: dataset.measures.map((name) => [name, name] as const) }}
            onChoose={(name) => change({ colour: name })}
          />
        </div>
        <Loaded of={plate} what="the plate">
          {(there) => <PlateView plate={there} />}
        </Loaded>
      </section>
      <section class="panel" aria-label="Well">
        {params.well === undefined ? (
          <Empty title="Choose a well">
            <p>Its sites open here, stain by stain.</p>
          </Empty>
        ) : (
          <WellView key={params.well} dataset={dataset} wellId={params.well} />
        )}
      </section>
    </div>
  );
}

function PlateView({ plate }: { plate: PlateAnswer }) {
  const scale = useMemo(
    () => (plate.kind === "number" ? numberScale(plate.range, plate.middle) : categoryScale(plate.labels)),
    [plate],
  );
  return (
    <>
      <PlateMap
        plate={plate}
        scale={scale}
        chosen={route.value.params.well ?? null}
        onChoose={(wellId) => change({ well: wellId, image: undefined, view: undefined })}
      />
      <Legend scale={scale} hasMissing={plate.wells.some(({ value }) => value === null)} />
    </>
  );
}

function WellView({ dataset, wellId }: { dataset: DatasetAnswer; wellId: string }) {
  const well = useJson<WellAnswer>(apiPath("datasets", dataset.id, "wells", wellId));
  // The viewer is loaded when the first well is opened.
  const viewer = useAnswer<{ Viewer: ComponentType<ViewerProps> }>("viewer", async () => ({
    Viewer: (await import("../viewer/viewer.tsx")).Viewer,
  }));
  return (
    <Loaded of={well} what="the well">
      {({ sites }) => {
        const asked = route.value.params.image;
        const site = sites.find(({ image_index }) => String(image_index) === asked) ?? sites[0]!;
        return (
          <>
            <h2>
              {site.well} <span class="aside">{site.plate_id}</span>
            </h2>
            <Sites dataset={dataset} sites={sites} chosen={site} />
            <Flags site={site} />
            <Loaded of={viewer} what="the viewer">
              {({ Viewer }) => <Viewer dataset={dataset} imageIndex={Number(site.image_index)} />}
            </Loaded>
            <Facts site={site} />
          </>
        );
      }}
    </Loaded>
  );
}

type SiteRow = WellAnswer["sites"][number];

function Sites({ dataset, sites, chosen }: { dataset: DatasetAnswer; sites: readonly SiteRow[]; chosen: SiteRow }) {
  return (
    <div class="sites" role="group" aria-label="Sites of the well">
      {sites.map((site) => (
        <button
          key={site.image_index}
          type="button"
          aria-pressed={site === chosen}
          title={flagsOf(site).join(" · ") || undefined}
          onClick={() => change({ image: String(site.image_index), view: undefined })}
        >
          <img
            src={`${apiPath("datasets", dataset.id, "images", Number(site.image_index), "thumbnail")}?side=96`}
            alt={`site ${site.site}`}
            loading="lazy"
            width="64"
            height="64"
          />
          <span>
            {site.site}
            {flagsOf(site).length > 0 && (
              <span class="flag" role="img" aria-label={`, ${flagsOf(site).join(", ")}`}>
                {" "}
                ⚑
              </span>
            )}
          </span>
        </button>
      ))}
    </div>
  );
}

/** What the import found on an image, in words. */
function flagsOf({ qc_flags, qc_duplicate_of }: SiteRow): string[] {
  const found = qc_flags ? String(qc_flags).match(/[^\s()]+(\([^)]*\))?/g) : null;
  return [
    ...(found ?? []).map((flag) => flag.replace("(", " (")),
    ...(qc_duplicate_of ? [`same pixels as ${qc_duplicate_of}`] : []),
  ];
}

function Flags({ site }: { site: SiteRow }) {
  const flags = flagsOf(site);
  if (flags.length === 0) return null;
  return (
    <p class="banner">
      <span aria-hidden="true">⚑ </span>
      {flags.join(" · ")}
    </p>
  );
}

/** Positions for the program; the well's name says where it lies as the plate's edge does, counted from 1. */
const COUNTED_FROM_0 = new Set(["image_index", "row", "column"]);

function Facts({ site }: { site: SiteRow }) {
  const shown = Object.entries(site).filter(
    ([name, value]) => value !== null && value !== "" && !COUNTED_FROM_0.has(name),
  );
  return (
    <details class="facts" open>
      <summary>Metadata</summary>
      <dl>
        {shown.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{formatValue(value)}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
