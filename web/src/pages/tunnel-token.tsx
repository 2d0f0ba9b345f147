// A tunnel's token, shown this once, and what to do with it.
import { connectorCommand } from "../api/connector-command";
import { useLive } from "../api/live";
import type { EdgeStatus, TunnelDetails } from "../api/types";
import { part } from "../api/client";
import { plural } from "../format";
import { Command, Secret } from "../ui/secret";
import { Status, StatusWord } from "../ui/status";

export function TokenSteps({ tunnel, token }: { tunnel: string; token: string }) {
  const status = useLive<EdgeStatus>("/status");
  const details = useLive<TunnelDetails>(`/tunnels/${part(tunnel)}`, { on: ["tunnel."] }).data;
  return (
    <ol class="steps">
      <li>
        <h3>Take the token to a machine inside the private network</h3>
        <Secret what="the token" value={token} fileName={`${tunnel}.token`} />
      </li>
      <li>
        <h3>Start a connector there</h3>
        <p class="hint">It needs no root and no open port: only a way to this edge’s UDP port.</p>
        {status.data && (
          <Command text={connectorCommand(tunnel, status.data.listen, location.hostname)} what="the connector’s command" />
        )}
      </li>
      <li>
        <h3>Watch it come</h3>
        <p role="status">
          {details === null || details.connections === 0 ? (
            <Status tone="off">Waiting for a connector…</Status>
          ) : (
            <>
              <StatusWord word={details.status} /> with {plural(details.connections, "connection")}
            </>
          )}
        </p>
      </li>
    </ol>
  );
}
