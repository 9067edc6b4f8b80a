// Where the explorer starts.
import { render } from "preact";
import { App } from "./app.tsx";
import "./styles/index.css";

const place = document.getElementById("app");
if (place) render(<App />, place);
