// The dropped image: where files land, and which of them shows which stain.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { EncoderPage } from "../../../src/schema/encoder-page.ts";
import { composite } from "./composite.ts";
import { assign, assigned, canRun, fillMissing, missing, planes, takeFiles } from "./page-state.ts";
import { ASSIGNED_BY } from "./summary-text.ts";

interface PageProps {
  readonly page: EncoderPage;
}

/** Takes files by drop, by click and by keyboard. */
export function DropZone({ page }: PageProps) {
  const isOver = useSignal(false);
  const stains = page.encoder.channels.map(({ name }) => name).join(", ");
  return (
    <label
      class={isOver.value ? "drop over" : "drop"}
      onDragOver={(event) => {
        event.preventDefault();
        isOver.value = true;
      }}
      onDragLeave={() => {
        isOver.value = false;
      }}
      onDrop={(event) => {
        event.preventDefault();
        isOver.value = false;
        void takeFiles([...(event.dataTransfer?.files ?? [])]);
      }}
    >
      <input
        type="file"
        multiple
        accept=".png,.tif,.tiff,.jpg,.jpeg,image/png,image/tiff,image/jpeg"
        onChange={(event) => void takeFiles([...(event.currentTarget.files ?? [])])}
      />
      <strong>Drop the files of one image here, or click to choose them</strong>
      <span>
        One PNG, TIFF or JPEG a stain, or all stains in one file. Needed: {stains}. Stains are recognised by the files'
        names.
      </span>
    </label>
  );
}

/** The composite, and one line a stain. */
export function ImagePart({ page }: PageProps) {
  const { channels } = page.encoder;
  const [first] = planes.value;
  const lacking = assigned.value.some(({ plane }) => plane === null);
  const shown = assigned.value.flatMap(({ plane }, i) =>
    plane === null ? [] : [{ values: planes.value[plane]!.values, colour: channels[i]!.colour }],
  );
  return (
    <section class="image" aria-label="The image">
      <Picture layers={shown} heightPx={first!.heightPx} widthPx={first!.widthPx} label="All stains in their colours" />
      <div>
        <h2>Stains</h2>
        <table class="stains">
          <tbody>
            {channels.map((channel, i) => (
              <StainRow key={channel.name} page={page} channel={i} />
            ))}
          </tbody>
        </table>
        {lacking && <MissingChoice />}
        {!canRun.value && (
          <p class="hint">Choose a file for each stain, or say what stands in for those that are not there.</p>
        )}
        <p class="muted">
          {first!.heightPx} × {first!.widthPx} px, {first!.values.BYTES_PER_ELEMENT * 8} bits
        </p>
      </div>
    </section>
  );
}

function StainRow({ page, channel }: PageProps & { readonly channel: number }) {
  const { name, stain, colour } = page.encoder.channels[channel]!;
  const { plane, by } = assigned.value[channel]!;
  return (
    <tr>
      <th scope="row">
        <svg class="swatch" viewBox="0 0 10 10" aria-hidden="true">
          <rect width="10" height="10" rx="2" fill={colour} />
        </svg>
        {name}
        {stain !== name && <span class="muted"> {stain}</span>}
      </th>
      <td>
        <select
          aria-label={`File that shows ${name}`}
          value={plane === null ? "" : String(plane)}
          onChange={(event) => {
            const { value } = event.currentTarget;
            void assign(channel, value === "" ? null : Number(value));
          }}
        >
          <option value="">not there</option>
          {planes.value.map((p, k) => (
            <option key={p.name} value={String(k)}>
              {p.name}
            </option>
          ))}
        </select>
      </td>
      <td class={by === "order" ? "doubt" : "muted"}>{by ? ASSIGNED_BY[by] : ""}</td>
    </tr>
  );
}

function MissingChoice() {
  return (
    <label class="missing">
      A stain that is not there is taken as{" "}
      <select
        value={missing.value ?? ""}
        onChange={(event) => {
          const { value } = event.currentTarget;
          void fillMissing(value === "zero" || value === "mean" ? value : null);
        }}
      >
        <option value="">(choose)</option>
        <option value="zero">black</option>
        <option value="mean">the mean of the others</option>
      </select>
    </label>
  );
}

interface PictureProps {
  readonly layers: Parameters<typeof composite>[0];
  readonly heightPx: number;
  readonly widthPx: number;
  readonly label: string;
}

function Picture({ layers, heightPx, widthPx, label }: PictureProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    context?.putImageData(new ImageData(composite(layers, heightPx * widthPx), widthPx, heightPx), 0, 0);
  });
  return <canvas ref={canvas} width={widthPx} height={heightPx} role="img" aria-label={label} />;
}
