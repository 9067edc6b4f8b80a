// One image: its stains in colour, each with its limits; moved and enlarged by mouse and keys.
import type { DatasetAnswer } from "../../../src/schema/explorer.ts";
import { useAnswer } from "../api.ts";
import { Loaded } from "../parts/states.tsx";
import { readView, writeView } from "../parts/view-address.ts";
import { change, route } from "../router.ts";
import { ImageCanvas } from "./image-canvas.tsx";
import { fetchPlane } from "./planes.ts";
import { StainControls } from "./stain-controls.tsx";
import { readStains, type Stain, writeStains } from "./stains.ts";

export interface ViewerProps {
  readonly dataset: DatasetAnswer;
  readonly imageIndex: number;
}

export function Viewer({ dataset, imageIndex }: ViewerProps) {
  const { channels, dtype, pixelSizeUm } = dataset.manifest;
  const stains = readStains(channels, route.value.params.stains);
  const planes = useAnswer(`${dataset.id} ${imageIndex}`, (signal) =>
    Promise.all(channels.map((_, c) => fetchPlane(dataset.id, imageIndex, c, signal))),
  );
  const onChange = (index: number, patch: Partial<Stain>) => {
    const next = stains.map((stain, i) => (i === index ? { ...stain, ...patch } : stain));
    change({ stains: writeStains(channels, next) }, { isStep: false });
  };
  return (
    <div class="viewer">
      <Loaded of={planes} what="the image">
        {(there) => (
          <ImageCanvas
            {...{ planes: there, stains, pixelSizeUm }}
            begin={readView(route.value.params.view)}
            onRest={(view) => change({ view: view ? writeView(view) : undefined }, { isStep: false })}
          />
        )}
      </Loaded>
      <StainControls channels={channels} stains={stains} most={dtype === "uint8" ? 255 : 65535} onChange={onChange} />
    </div>
  );
}
