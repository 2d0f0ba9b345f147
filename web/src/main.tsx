import "./style/base.css";
import "./style/layout.css";
import "./style/parts.css";
import "./style/pages.css";

import { render } from "preact";

import { resume } from "./api/session";
import { App } from "./app";
import { applyTheme } from "./ui/theme";

applyTheme();
void resume();
render(<App />, document.getElementById("app")!);
