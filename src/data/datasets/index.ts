// The data set presets, one line each. `table` is not here: it is made from options.
import { bbbc013 } from "./bbbc013.ts";
import { bbbc021Crops } from "./bbbc021-crops.ts";
import type { DatasetDefinition } from "./define-dataset.ts";
import { mitocheckCells } from "./mitocheck-cells.ts";
import { rxrx1 } from "./rxrx1.ts";
import { rxrx2 } from "./rxrx2.ts";
import { rxrx3Core } from "./rxrx3-core.ts";
import { rxrx19a } from "./rxrx19a.ts";
import { rxrx19b } from "./rxrx19b.ts";
import { syntheticScreen } from "./synthetic-screen.ts";

/** All presets, in the order in which a table is tried against them. */
export const datasets: readonly DatasetDefinition[] = [
  syntheticScreen,
  rxrx19b,
  rxrx19a,
  rxrx1,
  rxrx2,
  rxrx3Core,
  bbbc021Crops,
  mitocheckCells,
  bbbc013,
];
