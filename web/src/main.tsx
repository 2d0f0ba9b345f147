import "./style/index.css";

import { render } from "preact";

import { resume } from "./api/session";
import { App } from "./app";
import { applyTheme } from "./ui/theme";

applyTheme();
void resume();
render(<App />, document.getElementById("app")!);
