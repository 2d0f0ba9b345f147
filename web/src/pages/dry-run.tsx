// What the policies would decide about a flow (POST /policies/check), without one.
import { useEffect, useState } from "preact/hooks";

import { post } from "../api/client";
import { useNames } from "../api/names";
import type { Policy, PolicyCheck, Protocol } from "../api/types";
import { Card } from "../ui/page";
import { linkTo } from "../router";
import { Form, SelectField, TextField } from "../ui/form";
import { StatusWord } from "../ui/status";

export interface Trial {
  user: string;
  device: string;
  groups: string[];
  tags: string[];
  to: string;
  vnet: string;
  protocol: Protocol;
  port: string;
}

const NOTHING: Trial = { user: "", device: "", groups: [], tags: [], to: "", vnet: "", protocol: "icmp", port: "" };

// A flow that the policy speaks of.
export function trialOf(policy: Policy): Trial {
  const named = (kind: string) =>
    policy.who.filter((who) => who.startsWith(`${kind}:`)).map((who) => who.slice(kind.length + 1));
  const [user] = named("user");
  const [device] = named("device");
  const isNamed = user !== undefined || device !== undefined;
  const port = policy.ports[0];
  return {
    user: user ?? "",
    device: user === undefined ? (device ?? "") : "",
    groups: isNamed ? [] : named("group").slice(0, 1),
    tags: isNamed || named("group").length > 0 ? [] : named("tag").slice(0, 1),
    to: addressIn(policy.to[0] ?? ""),
    vnet: policy.vnet ?? "",
    protocol: port !== undefined || policy.protocol === "udp" ? "udp" : "icmp",
    port: port === undefined ? (policy.protocol === "udp" ? "53" : "") : String(port).split("-")[0]!,
  };
}

// The first address of a prefix that is a host's; of a host's prefix that host.
export function addressIn(prefix: string): string {
  const [address = "", length = ""] = prefix.split("/");
  if (length === "" || length === "32" || length === "128") return address;
  if (address.includes(":")) return address.endsWith("::") ? `${address}1` : address;
  const bytes = address.split(".");
  return bytes.length === 4 ? [...bytes.slice(0, 3), String(Number(bytes[3]) + 1)].join(".") : address;
}

export function bodyOf(trial: Trial): Record<string, unknown> {
  return {
    to: trial.to.trim(),
    protocol: trial.protocol,
    ...(trial.protocol === "udp" && trial.port !== "" ? { port: Number(trial.port) } : {}),
    ...(trial.user.trim() ? { user: trial.user.trim() } : {}),
    ...(trial.device.trim() ? { device: trial.device.trim() } : {}),
    ...(trial.vnet.trim() ? { vnet: trial.vnet.trim() } : {}),
    ...(trial.groups.length > 0 ? { groups: trial.groups } : {}),
    ...(trial.tags.length > 0 ? { tags: trial.tags } : {}),
  };
}

export function DryRun({ trial, onDecided }: { trial: Trial | null; onDecided: (check: PolicyCheck | null) => void }) {
  const users = useNames("users");
  const devices = useNames("devices");
  const vnets = useNames("vnets");
  const [flow, setFlow] = useState<Trial>(NOTHING);
  const [answer, setAnswer] = useState<PolicyCheck | null>(null);
  const decide = (check: PolicyCheck | null) => {
    setAnswer(check);
    onDecided(check);
  };
  useEffect(() => {
    if (trial === null) return;
    setFlow(trial);
    decide(null);
  }, [trial]);
  const change = (part: Partial<Trial>) => {
    setFlow({ ...flow, ...part });
    decide(null);
  };
  const run = async () => {
    decide(null);
    decide(await post<PolicyCheck>("/policies/check", bodyOf(flow)));
  };
  const others = [...flow.groups.map((group) => `group:${group}`), ...flow.tags.map((tag) => `tag:${tag}`)];
  return (
    <Card title="Dry run">
      <p class="hint">What would be decided? Nothing is sent.</p>
      <Form fields={["user", "device", "groups", "tags", "to", "vnet", "protocol", "port"]} submit="Decide" onSubmit={run}>
        <TextField label="User" field="user" value={flow.user} onInput={(user) => change({ user })} suggestions={users} />
        <TextField
          label="Device"
          field="device"
          value={flow.device}
          onInput={(device) => change({ device })}
          suggestions={devices}
          hint="Brings its user, tags and network."
        />
        {others.length > 0 && <p class="hint">As somebody of {others.join(", ")}.</p>}
        <TextField label="Destination" field="to" value={flow.to} onInput={(to) => change({ to })} placeholder="10.1.2.3" isCode />
        <SelectField
          label="Protocol"
          field="protocol"
          value={flow.protocol}
          onChange={(protocol) => change({ protocol })}
          options={[
            ["icmp", "ping"],
            ["udp", "UDP"],
          ]}
        />
        {flow.protocol === "udp" && (
          <TextField label="Port" field="port" type="number" value={flow.port} onInput={(port) => change({ port })} />
        )}
        {vnets.length > 1 && (
          <TextField label="Network" field="vnet" value={flow.vnet} onInput={(vnet) => change({ vnet })} suggestions={vnets} />
        )}
      </Form>
      <div role="status">{answer && <Decision check={answer} />}</div>
    </Card>
  );
}

function Decision({ check }: { check: PolicyCheck }) {
  return (
    <div class={`decision ${check.verdict}`}>
      <p class="decision-word">
        <StatusWord word={check.verdict} />
        {check.rule !== null && (
          <>
            by <strong>{check.rule}</strong>
          </>
        )}
      </p>
      <p>{check.reason}</p>
      {check.verdict === "allow" && (
        <p class="soft">
          {check.route === null ? (
            "No route takes it: the edge answers “net unreachable”."
          ) : (
            <>
              By route <code>{check.route.prefix}</code> into <a href={linkTo("tunnels", check.tunnel!)}>{check.tunnel}</a>, which is{" "}
              <StatusWord word={check.tunnel_status!} />
            </>
          )}
        </p>
      )}
    </div>
  );
}
