// The page that embeds images in the browser alone: files with relative addresses, for any static host.
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const folder = fileURLToPath(new URL(".", import.meta.url));

export default defineConfig({
  root: folder,
  base: "./",
  publicDir: false,
  // ONNX Runtime's WebAssembly stays a file of its own, which its threads load without loading us.
  resolve: { conditions: ["onnxruntime-web-use-extern-wasm", "module", "browser", "production"] },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  worker: { format: "es" },
  build: {
    outDir: "../dist/encoder-page",
    emptyOutDir: true,
    assetsInlineLimit: 0, // the page's security policy allows no data: scripts
    modulePreload: { polyfill: false },
    target: "es2022",
    rolldownOptions: { input: `${folder}encoder.html` },
    chunkSizeWarningLimit: 1500,
  },
});
