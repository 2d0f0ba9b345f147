// All routes, a page at a time, and which of them an address takes.
import { useState } from "preact/hooks";

import { get, post, remove } from "../api/client";
import { useLive } from "../api/live";
import { useNames } from "../api/names";
import { isAdmin } from "../api/session";
import type { EdgeStatus, Page, Route, RouteLookup, Vnet } from "../api/types";
import { plural } from "../format";
import { Card, PageHead } from "../ui/page";
import { linkTo, place, setQuery } from "../router";
import { Button, IconButton } from "../ui/button";
import { DelayedField } from "../ui/delayed-field";
import { confirm } from "../ui/dialog";
import { Form, TextField } from "../ui/form";
import { done, Empty, Loading, ProblemNotice } from "../ui/notice";
import { Pager, usePages } from "../ui/pages";
import { Status, StatusWord } from "../ui/status";
import { type Column, Table } from "../ui/table";
import { AddRouteDialog, askToDeleteRoute, EditRouteDialog } from "./route-dialogs";

type Open = { kind: "add" } | { kind: "edit"; route: Route } | null;

export function RoutesPage() {
  const [open, setOpen] = useState<Open>(null);
  const query = place.value.query;
  const filter = { tunnel: query.get("tunnel") ?? "", vnet: query.get("vnet") ?? "", within: query.get("within") ?? "" };
  const isFiltered = Object.values(filter).some((value) => value !== "");
  const routes = usePages<Route>("/routes", filter, { on: ["route.", "tunnel."] });
  const total = useLive<EdgeStatus>("/status", { on: ["route.create", "route.delete", "tunnel.delete"] }).data?.routes;
  const columns: Column<Route>[] = [
    { title: "Prefix", isName: true, cell: (route) => <code>{route.prefix}</code> },
    { title: "Tunnel", cell: (route) => <a href={linkTo("tunnels", route.tunnel)}>{route.tunnel}</a> },
    { title: "Tunnel’s status", cell: (route) => <StatusWord word={route.tunnel_status} /> },
    { title: "Network", cell: (route) => route.vnet },
    { title: "Comment", isWide: true, cell: (route) => route.comment || <span class="soft">–</span> },
    ...(isAdmin.value
      ? [
          {
            title: "Actions",
            isActions: true,
            cell: (route: Route) => (
              <>
                <IconButton icon="edit" label={`Change route ${route.prefix}`} onClick={() => setOpen({ kind: "edit", route })} />
                <IconButton icon="trash" label={`Delete route ${route.prefix}`} kind="danger" onClick={() => askToDeleteRoute(route)} />
              </>
            ),
          },
        ]
      : []),
  ];
  return (
    <>
      <PageHead title="Routes" about={total !== undefined && `${plural(total, "route")} in all networks; the longest prefix wins.`}>
        {isAdmin.value && (
          <Button kind="primary" icon="plus" onClick={() => setOpen({ kind: "add" })}>
            Add a route
          </Button>
        )}
      </PageHead>
      <Lookup />
      <Card>
        <Filter {...filter} />
        <ProblemNotice problem={routes.problem} />
        {routes.isLoading ? (
          <Loading />
        ) : routes.items.length === 0 ? (
          routes.problem === null && <Empty title={isFiltered ? "No route is like that." : "No route yet."} />
        ) : (
          <Table caption="Routes" columns={columns} rows={routes.items} keyOf={(route) => route.id} />
        )}
        <Pager pages={routes} what="routes" total={isFiltered ? undefined : total} />
      </Card>
      <Networks />
      {open?.kind === "add" && <AddRouteDialog tunnel={filter.tunnel} onClose={() => setOpen(null)} />}
      {open?.kind === "edit" && <EditRouteDialog route={open.route} onClose={() => setOpen(null)} />}
    </>
  );
}

function Filter({ tunnel, vnet, within }: { tunnel: string; vnet: string; within: string }) {
  const tunnels = useNames("tunnels");
  const vnets = useNames("vnets");
  return (
    <div class="filters" role="search" aria-label="Filter routes">
      <DelayedField label="Inside prefix" value={within} placeholder="10.0.0.0/8" onValue={(value) => setQuery({ within: value })} isCode />
      <DelayedField label="Tunnel" value={tunnel} suggestions={tunnels} onValue={(value) => setQuery({ tunnel: value })} />
      <DelayedField label="Network" value={vnet} suggestions={vnets} onValue={(value) => setQuery({ vnet: value })} />
      {(tunnel || vnet || within) && <Button onClick={() => setQuery({ tunnel: "", vnet: "", within: "" })}>Clear</Button>}
    </div>
  );
}

function Lookup() {
  const vnets = useNames("vnets");
  const [address, setAddress] = useState("");
  const [vnet, setVnet] = useState("default");
  const [answer, setAnswer] = useState<{ address: string; lookup: RouteLookup } | null>(null);
  const look = async () => {
    setAnswer(null);
    const asked = address.trim();
    setAnswer({ address: asked, lookup: await get<RouteLookup>("/routes/lookup", { address: asked, vnet: vnet.trim() }) });
  };
  return (
    <Card title="Which route does an address take?">
      <Form isInline fields={["address", "vnet"]} submit="Look it up" onSubmit={look}>
        <div class="filters">
          <TextField label="Address" field="address" value={address} onInput={setAddress} placeholder="10.1.2.3" isCode />
          {vnets.length > 1 && <TextField label="In network" field="vnet" value={vnet} onInput={setVnet} suggestions={vnets} />}
        </div>
      </Form>
      {answer && (
        <p class="answer" role="status">
          {answer.lookup.route === null ? (
            <Status tone="bad">
              No route takes <code>{answer.address}</code>: the edge answers “net unreachable”.
            </Status>
          ) : (
            <>
              <code>{answer.address}</code> takes <code>{answer.lookup.route.prefix}</code> into{" "}
              <a href={linkTo("tunnels", answer.lookup.tunnel!)}>{answer.lookup.tunnel}</a>, which is{" "}
              <StatusWord word={answer.lookup.tunnel_status!} />
            </>
          )}
        </p>
      )}
    </Card>
  );
}

function Networks() {
  const vnets = useLive<Page<Vnet>>("/vnets?limit=1000", { on: ["vnet.", "route.create", "route.delete"] });
  const [name, setName] = useState("");
  const items = vnets.data?.items ?? [];
  const create = async () => {
    await post("/vnets", { name: name.trim() });
    setName("");
  };
  const columns: Column<Vnet>[] = [
    { title: "Name", isName: true, cell: (vnet) => vnet.name },
    { title: "Routes", isNumber: true, cell: (vnet) => vnet.routes },
    { title: "Comment", isWide: true, cell: (vnet) => vnet.comment || <span class="soft">–</span> },
    {
      title: "Actions",
      isActions: true,
      cell: (vnet) =>
        isAdmin.value &&
        vnet.name !== "default" && (
          <IconButton
            icon="trash"
            kind="danger"
            label={`Delete network ${vnet.name}`}
            onClick={() =>
              confirm({
                title: `Delete network ${vnet.name}?`,
                text: <p>It must hold no route, and no device or policy may name it.</p>,
                action: "Delete the network",
                run: async () => {
                  await remove(`/vnets/${vnet.id}`);
                  done(`Network ${vnet.name} is deleted.`);
                },
              })
            }
          />
        ),
    },
  ];
  return (
    <details class="card">
      <summary>Virtual networks ({items.length})</summary>
      <p class="hint">Two networks may hold the same prefix. A device is in one of them, and so is a route.</p>
      <ProblemNotice problem={vnets.problem} onRetry={vnets.reload} />
      <Table caption="Virtual networks" columns={columns} rows={items} keyOf={(vnet) => vnet.id} />
      {isAdmin.value && (
        <Form isInline fields={["name"]} submit="Add network" onSubmit={create}>
          <TextField label="New network’s name" field="name" value={name} onInput={setName} />
        </Form>
      )}
    </details>
  );
}
