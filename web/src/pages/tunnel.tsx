// One tunnel: its connectors and each of their connections, how it was over the last day, and what
// leads into it.
import { useState } from "preact/hooks";

import { part, patch, post, remove } from "../api/client";
import { useLive } from "../api/live";
import { isAdmin } from "../api/session";
import type { Connection, Connector, Page, Route, TunnelDetails } from "../api/types";
import { dateTime, duration, milliseconds, plural, relative, share } from "../format";
import { Card, Facts, PageHead } from "../ui/page";
import { go, linkTo } from "../router";
import { Button } from "../ui/button";
import { confirm, Dialog } from "../ui/dialog";
import { Form, SelectField, TextField } from "../ui/form";
import { done, Empty, Loading, ProblemNotice } from "../ui/notice";
import { StatusWord } from "../ui/status";
import { type Column, Table } from "../ui/table";
import { AddRouteDialog } from "./route-dialogs";
import { TunnelHealth } from "./tunnel-health";
import { TokenSteps } from "./tunnel-token";

const EVERY_MS = 5000;
const SHOWN_ROUTES = 50;

type Open = "edit" | "token" | "rotate" | "route" | null;

export function TunnelPage({ name }: { name: string }) {
  const path = `/tunnels/${part(name)}`;
  const tunnel = useLive<TunnelDetails>(path, { on: ["tunnel.", "route."], everyMs: EVERY_MS });
  const [open, setOpen] = useState<Open>(null);
  const [token, setToken] = useState<string | null>(null);
  const up = <a href={linkTo("tunnels")}>Tunnels</a>;
  const data = tunnel.data;
  if (data === null) {
    return (
      <>
        <PageHead above={up} title={name} />
        {tunnel.isLoading ? <Loading /> : <ProblemNotice problem={tunnel.problem} onRetry={tunnel.reload} />}
      </>
    );
  }
  const close = () => setOpen(null);
  return (
    <>
      <PageHead above={up} title={data.name} about={data.comment}>
        {isAdmin.value && (
          <>
            <Button icon="edit" onClick={() => setOpen("edit")}>
              Edit
            </Button>
            {data.has_token ? (
              <Button icon="refresh" onClick={() => setOpen("rotate")}>
                Rotate token
              </Button>
            ) : (
              <Button
                kind="primary"
                icon="token"
                onClick={() =>
                  confirm({
                    title: `Make the token of ${data.name}?`,
                    text: <p>It opens this tunnel to connectors, and is shown once.</p>,
                    action: "Make the token",
                    kind: "primary",
                    run: async () => {
                      setToken((await post<{ token: string }>(`${path}/token`)).token);
                      setOpen("token");
                    },
                  })
                }
              >
                Make token
              </Button>
            )}
            <Button icon="trash" kind="danger" onClick={() => askToDelete(data)}>
              Delete
            </Button>
          </>
        )}
      </PageHead>
      <ProblemNotice problem={tunnel.problem} onRetry={tunnel.reload} />
      <Card>
        <Facts
          facts={[
            ["Status", <StatusWord word={data.status} />],
            ["Connectors", data.connectors],
            ["Connections", data.connections],
            ["RTT", milliseconds(data.rtt_ms)],
            ["Uptime", duration(data.uptime_ms)],
            ["Last connected", data.connections > 0 ? "now" : relative(data.last_connected)],
            ["Made", dateTime(data.created)],
            ["UUID", <code>{data.uuid}</code>],
          ]}
        />
      </Card>
      <TunnelHealth tunnel={data} />
      <h2 class="section">Connectors</h2>
      {data.connector_list.length === 0 && (
        <Empty title={data.has_token ? "No connector is connected." : "No connector can serve it yet."}>
          <p>
            {data.has_token
              ? "Is one running, with this tunnel’s token, and can it reach the edge’s UDP port?"
              : "Make its token first, and start a connector with it."}
          </p>
        </Empty>
      )}
      {data.connector_list.map((connector, place) => (
        <ConnectorCard key={connector.id} connector={connector} place={place + 1} />
      ))}
      <RoutesCard tunnel={data} onAdd={() => setOpen("route")} />
      {open === "edit" && <EditDialog tunnel={data} onClose={close} />}
      {open === "rotate" && (
        <RotateDialog
          tunnel={data}
          onClose={close}
          onToken={(made) => {
            setToken(made);
            setOpen("token");
          }}
        />
      )}
      {open === "route" && <AddRouteDialog tunnel={data.name} onClose={close} />}
      {open === "token" && token !== null && (
        <Dialog
          title={`The token of ${data.name}`}
          isWide
          onClose={() => {
            setToken(null);
            close();
          }}
        >
          <TokenSteps tunnel={data.name} token={token} />
        </Dialog>
      )}
    </>
  );
}

function askToDelete(tunnel: TunnelDetails): void {
  const hasRoutes = tunnel.routes > 0;
  confirm({
    title: `Delete tunnel ${tunnel.name}?`,
    text: (
      <ul>
        <li>Its token opens nothing any more; {plural(tunnel.connections, "connection")} will end.</li>
        {hasRoutes && <li>{plural(tunnel.routes, "route")} into it will be deleted too.</li>}
        <li>This cannot be undone.</li>
      </ul>
    ),
    action: hasRoutes ? `Delete it and ${plural(tunnel.routes, "route")}` : "Delete",
    run: async () => {
      await remove(`/tunnels/${tunnel.id}${hasRoutes ? "?force=true" : ""}`);
      done(`Tunnel ${tunnel.name} is deleted.`);
      go(linkTo("tunnels"));
    },
  });
}

const CONNECTION_COLUMNS: Column<Connection>[] = [
  { title: "Connection", isName: true, cell: (connection) => `#${connection.index}` },
  { title: "State", cell: (connection) => <StatusWord word={connection.state} /> },
  { title: "From", cell: (connection) => <code>{connection.peer}</code> },
  { title: "To", cell: (connection) => <code>{connection.local}</code> },
  { title: "RTT", isNumber: true, cell: (connection) => milliseconds(connection.rtt_ms) },
  { title: "Loss", isNumber: true, cell: (connection) => share(connection.loss) },
  { title: "Datagrams", isNumber: true, cell: (connection) => `${connection.datagram}, ${connection.datagrams_sent} sent` },
  { title: "MTU", isNumber: true, cell: (connection) => connection.mtu },
  { title: "Age", isNumber: true, cell: (connection) => duration(connection.age_ms) },
];

// A tunnel's connectors are its replicas.
function ConnectorCard({ connector, place }: { connector: Connector; place: number }) {
  const { icmp } = connector;
  return (
    <Card title={`Connector ${place}`}>
      <Facts
        facts={[
          ["Version", connector.version || "–"],
          ["Host", connector.arch || "–"],
          ["Connections", `${connector.connections.length} of ${connector.wanted}`],
          ["Ping, IPv4", <StatusWord word={icmp.ipv4} />],
          ["Ping, IPv6", <StatusWord word={icmp.ipv6} />],
          ["Id", <code>{connector.id}</code>],
        ]}
      />
      {icmp.reason && <p class="notice fair">{icmp.reason}</p>}
      <Table
        caption={`Connections of connector ${place}`}
        columns={CONNECTION_COLUMNS}
        rows={connector.connections}
        keyOf={(connection) => connection.index}
      />
    </Card>
  );
}

function RoutesCard({ tunnel, onAdd }: { tunnel: TunnelDetails; onAdd: () => void }) {
  const routes = useLive<Page<Route>>(`/routes?tunnel=${tunnel.id}&limit=${SHOWN_ROUTES}`, { on: ["route."] });
  const items = routes.data?.items ?? [];
  return (
    <Card
      title={`Routes (${tunnel.routes})`}
      actions={
        isAdmin.value && (
          <Button icon="plus" onClick={onAdd}>
            Add a route
          </Button>
        )
      }
    >
      <ProblemNotice problem={routes.problem} onRetry={routes.reload} />
      {items.length === 0 && !routes.isLoading ? (
        <Empty title="Nothing leads here.">
          <p>Without a route the edge answers “net unreachable”.</p>
        </Empty>
      ) : (
        <ul class="prefixes">
          {items.map((route) => (
            <li key={route.id}>
              <code>{route.prefix}</code>
              {route.vnet !== "default" && <span class="tag">{route.vnet}</span>}
              {route.comment && <span class="soft">{route.comment}</span>}
            </li>
          ))}
        </ul>
      )}
      <p>
        <a href={`${linkTo("routes")}?tunnel=${encodeURIComponent(tunnel.name)}`}>All of its routes</a>
      </p>
    </Card>
  );
}

function EditDialog({ tunnel, onClose }: { tunnel: TunnelDetails; onClose: () => void }) {
  const [name, setName] = useState(tunnel.name);
  const [comment, setComment] = useState(tunnel.comment);
  const save = async () => {
    await patch(`/tunnels/${tunnel.id}`, { name: name.trim(), comment });
    onClose();
    if (name.trim() !== tunnel.name) go(linkTo("tunnels", name.trim()));
  };
  return (
    <Dialog title={`Edit tunnel ${tunnel.name}`} onClose={onClose}>
      <Form fields={["name", "comment"]} submit="Save" onSubmit={save} onCancel={onClose}>
        <TextField label="Name" field="name" value={name} onInput={setName} autoFocus />
        <TextField label="Comment" field="comment" value={comment} onInput={setComment} />
      </Form>
    </Dialog>
  );
}

const GRACES = [
  ["0", "It ends at once"],
  ["3600000", "An hour"],
  ["86400000", "A day"],
  ["604800000", "A week"],
] as const;

function RotateDialog({
  tunnel,
  onClose,
  onToken,
}: {
  tunnel: TunnelDetails;
  onClose: () => void;
  onToken: (token: string) => void;
}) {
  const [grace, setGrace] = useState<(typeof GRACES)[number][0]>("0");
  const rotate = async () => {
    const made = await post<{ token: string }>(`/tunnels/${tunnel.id}/rotate`, { grace_ms: Number(grace) });
    onToken(made.token);
  };
  return (
    <Dialog title={`Rotate the token of ${tunnel.name}?`} onClose={onClose}>
      <p>A new token is made and shown once. Connectors need it when the old one ends.</p>
      <Form fields={["grace_ms"]} submit="Rotate" kind="danger" onSubmit={rotate} onCancel={onClose}>
        <SelectField
          label="The old token is still good for"
          field="grace_ms"
          value={grace}
          onChange={setGrace}
          options={GRACES}
          hint={grace === "0" ? `${plural(tunnel.connections, "connection")} will end now.` : undefined}
        />
      </Form>
    </Dialog>
  );
}
