// The edge itself.
import { useLive } from "../api/live";
import { isAdmin } from "../api/session";
import type { EdgeStatus } from "../api/types";
import { count, dateTime, duration } from "../format";
import { Card, Facts, PageHead } from "../ui/page";
import { linkTo } from "../router";
import { Icon } from "../ui/icon";
import { Loading, ProblemNotice } from "../ui/notice";
import { CopyButton } from "../ui/secret";
import { Status, StatusWord } from "../ui/status";

const EVERY_MS = 5000;

export function EdgePage() {
  const live = useLive<EdgeStatus>("/status", { on: [""], everyMs: EVERY_MS });
  const status = live.data;
  if (status === null) return live.isLoading ? <Loading /> : <ProblemNotice problem={live.problem} onRetry={live.reload} />;
  const numbers: [string, number, string][] = [
    ["Connections", status.connections, linkTo("tunnels")],
    ["Flows", status.flows, linkTo("flows")],
    ["Routes", status.routes, linkTo("routes")],
    ["Policies", status.policies, linkTo("policies")],
    ["Devices", status.devices, linkTo("devices")],
    ["Users", status.users, linkTo("people")],
  ];
  return (
    <>
      <PageHead title={status.name} about={`oneping ${status.version}, up for ${duration(status.uptime_ms)}`} />
      <ProblemNotice problem={live.problem} onRetry={live.reload} />
      <ul class="numbers">
        {numbers.map(([name, value, href]) => (
          <li key={name}>
            <a href={href}>
              <strong>{count(value)}</strong>
              <span>{name}</span>
            </a>
          </li>
        ))}
      </ul>
      <Card title="Tunnels">
        <p class="counts">
          <Status tone="good">{status.tunnels.healthy} healthy</Status>
          <Status tone="fair">{status.tunnels.degraded} degraded</Status>
          <Status tone="bad">{status.tunnels.down} down</Status>
          <Status tone="off">{status.tunnels.inactive} inactive</Status>
        </p>
      </Card>
      <Card title="This edge">
        <Facts
          facts={[
            ["Started", dateTime(status.started)],
            ["Listens at", status.listen.map((address) => <code key={address}>{address}</code>)],
            ["Default verdict", <StatusWord word={status.default_verdict} />],
            [
              "Pin",
              <span class="with-button">
                <code>{status.pin}</code>
                <CopyButton text={status.pin} what="the pin" />
              </span>,
            ],
          ]}
        />
      </Card>
      <Card title="Take along">
        <ul class="links">
          {isAdmin.value && (
            <li>
              <a class="button plain" href="/api/v1/backup" download="control.db">
                <Icon name="download" />
                <span>A copy of the store</span>
              </a>
            </li>
          )}
          <li>
            <a href="/api/v1/openapi.json" target="_blank" rel="noreferrer">
              The API, as an OpenAPI document
            </a>
          </li>
          <li>
            <a href="/licences.txt" target="_blank" rel="noreferrer">
              Licences of what this page is made of
            </a>
          </li>
        </ul>
      </Card>
    </>
  );
}
