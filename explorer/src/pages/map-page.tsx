// Embeddings as a map.
import { Empty } from "../parts/states.tsx";

export function MapPage() {
  return <Empty title="No embedding here yet" />;
}
