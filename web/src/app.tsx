// The frame: who is signed in, where things are, and the page of the place where we are.
import type { ComponentType } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { liveProblem, liveState } from "./api/events";
import { caller, signOut } from "./api/session";
import { linkTo, place } from "./router";
import { Button } from "./ui/button";
import { Confirmations } from "./ui/dialog";
import { Icon, type IconName } from "./ui/icon";
import { Mark } from "./ui/mark";
import { Empty, failed, Loading, Toasts } from "./ui/notice";
import { Status } from "./ui/status";
import { choose, type Theme, theme } from "./ui/theme";
import { AuditPage } from "./pages/audit";
import { DevicePage } from "./pages/device";
import { DevicesPage } from "./pages/devices";
import { EdgePage } from "./pages/edge";
import { FlowsPage } from "./pages/flows";
import { PathPage } from "./pages/path";
import { PeoplePage } from "./pages/people";
import { PoliciesPage } from "./pages/policies";
import { RoutesPage } from "./pages/routes";
import { SignInPage } from "./pages/sign-in";
import { TokensPage } from "./pages/tokens";
import { TunnelPage } from "./pages/tunnel";
import { TunnelsPage } from "./pages/tunnels";

interface Entry {
  at: string;
  title: string;
  icon: IconName;
  page: ComponentType;
  one?: ComponentType<{ name: string }>; // of a thing below it
}

const NAVIGATION: [string, Entry[]][] = [
  [
    "Network",
    [
      { at: "tunnels", title: "Tunnels", icon: "tunnel", page: TunnelsPage, one: TunnelPage },
      { at: "routes", title: "Routes", icon: "route", page: RoutesPage },
      { at: "path", title: "Path", icon: "path", page: PathPage },
      { at: "flows", title: "Flows", icon: "flow", page: FlowsPage },
    ],
  ],
  [
    "Access",
    [
      { at: "devices", title: "Devices", icon: "device", page: DevicesPage, one: DevicePage },
      { at: "people", title: "Users and groups", icon: "people", page: PeoplePage },
      { at: "policies", title: "Policies", icon: "policy", page: PoliciesPage },
    ],
  ],
  [
    "Edge",
    [
      { at: "audit", title: "Audit", icon: "audit", page: AuditPage },
      { at: "tokens", title: "API tokens", icon: "token", page: TokensPage },
      { at: "edge", title: "Edge", icon: "edge", page: EdgePage },
    ],
  ],
];
const ENTRIES = NAVIGATION.flatMap(([, entries]) => entries);

function entryHere(): Entry | undefined {
  const [first] = place.value.path;
  return first === undefined ? ENTRIES[0] : ENTRIES.find((entry) => entry.at === first);
}

export function App() {
  const who = caller.value;
  return (
    <>
      {who === undefined ? <Loading /> : who === null ? <SignInPage /> : <Frame />}
      <Confirmations />
      <Toasts />
    </>
  );
}

function Frame() {
  const [isMenuOpen, setMenuOpen] = useState(false);
  const main = useRef<HTMLElement>(null);
  const here = entryHere();
  const name = place.value.path[1];
  const title = [name, here?.title ?? "Nothing here", "oneping"].filter(Boolean).join(" – ");
  const address = place.value.path.join("/");
  const isFirst = useRef(true);

  useEffect(() => {
    document.title = title;
  }, [title]);
  // Who has gone to another page is there with the keyboard too.
  useEffect(() => {
    setMenuOpen(false);
    if (isFirst.current) isFirst.current = false;
    else main.current?.focus();
    scrollTo(0, 0);
  }, [address]);

  return (
    <div class={isMenuOpen ? "frame menu-open" : "frame"}>
      <a class="skip" href="#main" onClick={(event) => (event.preventDefault(), main.current?.focus())}>
        Skip to the content
      </a>
      <header class="top">
        <a class="brand" href={linkTo("tunnels")}>
          <Mark />
          <span>oneping</span>
        </a>
        <button
          type="button"
          class="button icon-only quiet menu-button"
          aria-expanded={isMenuOpen}
          aria-controls="navigation"
          aria-label="Menu"
          onClick={() => setMenuOpen(!isMenuOpen)}
        >
          <Icon name={isMenuOpen ? "close" : "menu"} />
        </button>
      </header>
      <div class="side" id="navigation">
        <nav aria-label="Pages">
          {NAVIGATION.map(([group, entries]) => (
            <section key={group}>
              <h2>{group}</h2>
              <ul>
                {entries.map((entry) => (
                  <li key={entry.at}>
                    <a href={linkTo(entry.at)} {...(entry === here ? { "aria-current": "page" as const } : {})}>
                      <Icon name={entry.icon} />
                      {entry.title}
                    </a>
                  </li>
                ))}
              </ul>
            </section>
          ))}
        </nav>
        <Foot />
      </div>
      <main ref={main} id="main" tabIndex={-1}>
        <Content here={here} name={name} />
      </main>
    </div>
  );
}

function Content({ here, name }: { here: Entry | undefined; name: string | undefined }) {
  const One = here?.one;
  if (here === undefined || (name !== undefined && One === undefined)) {
    return (
      <Empty title="There is nothing here.">
        <a href={linkTo("tunnels")}>Go to the tunnels</a>
      </Empty>
    );
  }
  if (name !== undefined && One !== undefined) return <One key={name} name={name} />;
  const Page = here.page;
  return <Page key={here.at} />;
}

function Foot() {
  const who = caller.value!;
  return (
    <section class="foot" aria-label="You">
      <LiveMark />
      <p class="who">
        {who.actor}
        {who.role === "read" && <span class="tag">may only read</span>}
      </p>
      <div class="foot-row">
        <label>
          <span class="hidden">Colours</span>
          <select value={theme.value} onChange={(event) => choose(event.currentTarget.value as Theme)}>
            <option value="system">System</option>
            <option value="light">Light</option>
            <option value="dark">Dark</option>
          </select>
        </label>
        <Button icon="signOut" kind="quiet" onClick={() => void signOut().catch(failed)}>
          Sign out
        </Button>
      </div>
    </section>
  );
}

function LiveMark() {
  const isOpen = liveState.value === "open";
  const text = isOpen
    ? "Live"
    : liveState.value === "closed" && liveProblem.value
      ? `Not live: ${liveProblem.value.detail}`
      : "Connecting…";
  return (
    <p class="live" role="status">
      <Status tone={isOpen ? "good" : "fair"}>{text}</Status>
    </p>
  );
}
