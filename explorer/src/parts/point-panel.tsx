// One point of a map: its image, its metadata, and the rows most like it.
import type { EmbeddingAnswer, EmbeddingRow, NeighboursAnswer } from "../../../src/schema/explorer.ts";
import { apiPath, useJson } from "../api.ts";
import { addressOf, change, route } from "../router.ts";
import { Choice } from "./choice.tsx";
import { formatValue } from "./scale.ts";
import { Empty, Loaded } from "./states.tsx";

type Values = EmbeddingRow["values"];

/** The metadata of a row, or null until it is there. */
export function useRow(embedding: string, row: number): Values | null {
  const answer = useJson<EmbeddingRow>(apiPath("embeddings", embedding, "rows", row));
  return answer.state === "there" ? answer.value.values : null;
}

/** The image of a row, where its data set is served too. */
export function Thumbnail(props: { embedding: EmbeddingAnswer; values: Values; sidePx: number }) {
  const { embedding, values, sidePx } = props;
  const index = values.image_index;
  if (embedding.datasetId === null || typeof index !== "number") return null;
  const path = apiPath("datasets", embedding.datasetId, "images", index, "thumbnail");
  return (
    <img src={`${path}?side=${sidePx}`} alt={`site ${formatValue(values.site_id)}`} width={sidePx} height={sidePx} />
  );
}

export function PointPanel({ embedding, row }: { embedding: EmbeddingAnswer; row: number | null }) {
  if (row === null)
    return (
      <Empty title="Choose a point, or lasso many">
        <p>A point shows its image and the rows most like it; a lasso counts and exports what it holds.</p>
      </Empty>
    );
  return <Chosen key={row} embedding={embedding} row={row} />;
}

function Chosen({ embedding, row }: { embedding: EmbeddingAnswer; row: number }) {
  const answer = useJson<EmbeddingRow>(apiPath("embeddings", embedding.id, "rows", row));
  return (
    <Loaded of={answer} what="the point">
      {({ values }) => (
        <>
          <h2>{formatValue(values.site_id ?? `row ${row}`)}</h2>
          <div class="chosen">
            <Thumbnail embedding={embedding} values={values} sidePx={192} />
            <dl class="list">
              {["condition", "treatment", "dose_um", "role", "cell_type", "plate_id", "well"]
                .filter((name) => name in values)
                .map((name) => (
                  <div key={name}>
                    <dt>{name}</dt>
                    <dd>{formatValue(values[name])}</dd>
                  </div>
                ))}
            </dl>
          </div>
          <DataLink embedding={embedding} values={values} />
          <Neighbours embedding={embedding} row={row} values={values} />
        </>
      )}
    </Loaded>
  );
}

function DataLink({ embedding, values }: { embedding: EmbeddingAnswer; values: Values }) {
  if (embedding.datasetId === null || values.well_id === undefined)
    return <p class="aside">Its data set is not among the folders served, so that there are no images.</p>;
  const view = {
    dataset: embedding.datasetId,
    plate: String(values.plate_id),
    well: String(values.well_id),
    image: String(values.image_index),
  };
  return (
    <p>
      <a href={addressOf("data", view)}>Open its well on the plate</a>
    </p>
  );
}

const nameOf = ({ treatment, condition, site_id }: Values) => formatValue(treatment ?? condition ?? site_id);

function Neighbours({ embedding, row, values }: { embedding: EmbeddingAnswer; row: number; values: Values }) {
  const of = route.value.params.of === "well" && values.well_id ? "well" : "row";
  const query = of === "well" ? `well=${encodeURIComponent(String(values.well_id))}` : `row=${row}`;
  const answer = useJson<NeighboursAnswer>(`${apiPath("embeddings", embedding.id, "neighbours")}?${query}&k=24`);
  return (
    <>
      <div class="title">
        <h3>Most alike</h3>
        {values.well_id && (
          <Choice
            label="to"
            value={of}
            options={[
              ["row", "this image"],
              ["well", "its whole well"],
            ]}
            onChoose={(value) => change({ of: value === "well" ? "well" : undefined })}
          />
        )}
      </div>
      <Loaded of={answer} what="its neighbours (the table is read once)">
        {({ neighbours }) => (
          <ol class="neighbours">
            {neighbours.map((one) => (
              <li key={one.row}>
                <button
                  type="button"
                  title={nameOf(one.values)}
                  onClick={() => change({ row: String(one.row), lasso: undefined })}
                >
                  <Thumbnail embedding={embedding} values={one.values} sidePx={72} />
                  <span>{nameOf(one.values)}</span>
                  <span class="aside">
                    {formatValue(one.values.well)} · {one.cosine.toFixed(3)}
                  </span>
                </button>
              </li>
            ))}
          </ol>
        )}
      </Loaded>
      <p class="aside">By cosine over all {embedding.nFeatures} features, every row compared.</p>
    </>
  );
}
