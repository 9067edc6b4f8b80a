// The page: drop an image, see what it is like. Everything happens in this browser.
import { render } from "preact";
import { Problem } from "../notice.tsx";
import { AnswerPart } from "./answer-part.tsx";
import { DropZone, ImagePart } from "./image-part.tsx";
import { answer, isBusy, planes, problem, reference, runtime, start } from "./page-state.ts";

// As the reader chose in the explorer that serves this page; a page elsewhere, or one that may keep nothing, follows the system.
try {
  const theme = localStorage.getItem("gandl-theme");
  if (theme) document.documentElement.dataset.theme = theme;
} catch {}

function Page() {
  const page = reference.value?.page;
  return (
    <>
      <header>
        <h1>What is this image like?</h1>
        <p class="lead">
          {page
            ? `Drop one microscope image. It is embedded by ${page.encoder.name} (${page.encoder.kimg} kimg) and set beside ${page.wells.n.toLocaleString("en")} wells of ${page.screen.title}.`
            : "Loading the reference …"}
        </p>
        <p class="private">
          Nothing leaves this machine: the encoder runs in this browser, and the page may speak to no one else.
        </p>
      </header>
      {problem.value && <Problem text={problem.value} />}
      {page && <DropZone page={page} />}
      {page && planes.value.length > 0 && <ImagePart page={page} />}
      {isBusy.value && <p class="waiting">{runtime.value ? "Embedding …" : "Loading the encoder …"}</p>}
      {page && answer.value && <AnswerPart page={page} answer={answer.value} />}
      <footer>{runtime.value && <span id="runtime">Runs on {runtime.value}.</span>}</footer>
    </>
  );
}

const root = document.querySelector("#page");
if (root) {
  root.replaceChildren();
  render(<Page />, root);
}
const isWithoutGpu = new URLSearchParams(location.search).get("gpu") === "0";
void start(document.baseURI, !isWithoutGpu);
