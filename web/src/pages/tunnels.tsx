// All tunnels: are they up, and what leads into them?
import { useState } from "preact/hooks";

import { post } from "../api/client";
import { useLive } from "../api/live";
import { isAdmin } from "../api/session";
import type { EdgeStatus, Tunnel } from "../api/types";
import { duration, milliseconds, plural } from "../format";
import { Card, Chips, PageHead } from "../ui/page";
import { linkTo } from "../router";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { Form, TextField } from "../ui/form";
import { Empty, Loading, ProblemNotice } from "../ui/notice";
import { Pager, usePages } from "../ui/pages";
import { Status, StatusWord } from "../ui/status";
import { type Column, Table } from "../ui/table";
import { TokenSteps } from "./tunnel-token";

const EVERY_MS = 5000; // round trips change without an event

const COLUMNS: Column<Tunnel>[] = [
  {
    title: "Name",
    isName: true,
    cell: (tunnel) => (
      <>
        <a href={linkTo("tunnels", tunnel.name)}>{tunnel.name}</a>
        {tunnel.comment && <span class="comment">{tunnel.comment}</span>}
      </>
    ),
  },
  { title: "Status", cell: (tunnel) => <StatusWord word={tunnel.status} /> },
  { title: "Connectors", isNumber: true, cell: (tunnel) => tunnel.connectors },
  { title: "Connections", isNumber: true, cell: (tunnel) => tunnel.connections },
  { title: "RTT", isNumber: true, cell: (tunnel) => milliseconds(tunnel.rtt_ms) },
  { title: "Uptime", isNumber: true, cell: (tunnel) => duration(tunnel.uptime_ms) },
  { title: "Routes", isWide: true, cell: (tunnel) => <RoutesCell tunnel={tunnel} /> },
];

// The second look of who troubleshoots: does anything lead into it at all?
function RoutesCell({ tunnel }: { tunnel: Tunnel }) {
  if (tunnel.routes === 0) return <Status tone="fair">none: nothing leads here</Status>;
  const more = tunnel.routes - 3;
  return (
    <span class="chips">
      <Chips values={tunnel.route_prefixes.slice(0, 3)} />
      {more > 0 && <a href={`${linkTo("routes")}?tunnel=${encodeURIComponent(tunnel.name)}`}>{plural(more, "more", "more")}</a>}
    </span>
  );
}

export function TunnelsPage() {
  const [isMaking, setMaking] = useState(false);
  const tunnels = usePages<Tunnel>("/tunnels", {}, { on: ["tunnel.", "route."], everyMs: EVERY_MS });
  const status = useLive<EdgeStatus>("/status", { on: ["tunnel."] });
  const counts = status.data?.tunnels;
  return (
    <>
      <PageHead
        title="Tunnels"
        about={
          counts && (
            <span class="counts">
              <Status tone="good">{counts.healthy} healthy</Status>
              {counts.degraded > 0 && <Status tone="fair">{counts.degraded} degraded</Status>}
              {counts.down > 0 && <Status tone="bad">{counts.down} down</Status>}
              {counts.inactive > 0 && <Status tone="off">{counts.inactive} inactive</Status>}
            </span>
          )
        }
      >
        {isAdmin.value && (
          <Button kind="primary" icon="plus" onClick={() => setMaking(true)}>
            Create a tunnel
          </Button>
        )}
      </PageHead>
      <ProblemNotice problem={tunnels.problem} onRetry={tunnels.reload} />
      {tunnels.isLoading ? (
        <Loading />
      ) : tunnels.items.length === 0 && tunnels.problem === null ? (
        <Empty title="No tunnel yet.">
          <p>A tunnel is a way into a private network: make one, and start a connector there with its token.</p>
        </Empty>
      ) : (
        <Card>
          <Table caption="Tunnels" columns={COLUMNS} rows={tunnels.items} keyOf={(tunnel) => tunnel.id} />
        </Card>
      )}
      <Pager pages={tunnels} what="tunnels" total={counts && counts.healthy + counts.degraded + counts.down + counts.inactive} />
      {isMaking && <CreateDialog onClose={() => setMaking(false)} />}
    </>
  );
}

// Two steps: the tunnel, then its token, which is shown this once.
function CreateDialog({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const [comment, setComment] = useState("");
  const [made, setMade] = useState<Tunnel | null>(null);
  const [token, setToken] = useState<string | null>(null);
  const create = async () => {
    const tunnel = made ?? (await post<Tunnel>("/tunnels", { name: name.trim(), ...(comment ? { comment } : {}) }));
    setMade(tunnel);
    setToken((await post<{ token: string }>(`/tunnels/${tunnel.id}/token`)).token);
  };
  if (made !== null && token !== null) {
    return (
      <Dialog title={`Tunnel ${made.name} is made`} isWide onClose={onClose}>
        <TokenSteps tunnel={made.name} token={token} />
        <div class="dialog-actions">
          <Button kind="primary" onClick={onClose}>
            I have the token
          </Button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title="Create a tunnel" onClose={onClose}>
      <Form fields={["name", "comment"]} submit="Create" onSubmit={create} onCancel={onClose}>
        <TextField
          label="Name"
          field="name"
          value={name}
          onInput={setName}
          autoFocus
          hint="Where it leads, for people: office, say. Letters, digits, dots, dashes."
        />
        <TextField label="Comment" field="comment" value={comment} onInput={setComment} />
      </Form>
    </Dialog>
  );
}
