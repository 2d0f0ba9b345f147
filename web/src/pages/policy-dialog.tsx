// The dialog that makes or changes a policy.
import { useState } from "preact/hooks";

import { patch, post } from "../api/client";
import { useNames, useSubjects } from "../api/names";
import type { Policy, Verdict } from "../api/types";
import { Dialog } from "../ui/dialog";
import { Form, ListField, SelectField, TextField } from "../ui/form";

type Traffic = "all" | "icmp" | "udp";

// "53" is a port, "1000-2000" a range of them.
export function portsOf(words: readonly string[]): (number | string)[] {
  return words.map((word) => (/^\d+$/.test(word) ? Number(word) : word));
}

// A time as the browser's field has it, which is where the browser is; and as the API has it.
export function localTime(time: string | null): string {
  if (time === null) return "";
  const date = new Date(time);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
export function apiTime(local: string): string | null {
  return local === "" ? null : new Date(local).toISOString();
}

export function PolicyDialog({ policy, onClose }: { policy: Policy | null; onClose: () => void }) {
  const subjects = useSubjects();
  const vnets = useNames("vnets");
  const [name, setName] = useState(policy?.name ?? "");
  const [verdict, setVerdict] = useState<Verdict>(policy?.verdict ?? "deny");
  const [who, setWho] = useState(policy?.who ?? []);
  const [to, setTo] = useState(policy?.to ?? []);
  const [traffic, setTraffic] = useState<Traffic>(policy?.protocol ?? (policy && policy.ports.length > 0 ? "udp" : "all"));
  const [ports, setPorts] = useState((policy?.ports ?? []).map(String));
  const [vnet, setVnet] = useState(policy?.vnet ?? "");
  const [from, setFrom] = useState(localTime(policy?.from ?? null));
  const [until, setUntil] = useState(localTime(policy?.until ?? null));
  const [comment, setComment] = useState(policy?.comment ?? "");
  const [position, setPosition] = useState("");
  const save = async () => {
    const body = {
      name: name.trim(),
      verdict,
      who,
      to,
      protocol: traffic === "all" ? null : traffic,
      ports: traffic === "udp" ? portsOf(ports) : [],
      vnet: vnet.trim() || null,
      from: apiTime(from),
      until: apiTime(until),
      comment,
    };
    if (policy) await patch(`/policies/${policy.id}`, body);
    else await post("/policies", { ...body, ...(position === "" ? {} : { position: Number(position) }) });
    onClose();
  };
  return (
    <Dialog title={policy ? `Edit policy ${policy.name}` : "Add a policy"} isWide onClose={onClose}>
      <Form
        fields={["name", "verdict", "who", "to", "protocol", "ports", "vnet", "from", "until", "comment", "position"]}
        submit={policy ? "Save" : "Add"}
        onSubmit={save}
        onCancel={onClose}
      >
        <div class="columns">
          <TextField label="Name" field="name" value={name} onInput={setName} hint="What the flow log calls it." autoFocus />
          <SelectField
            label="Verdict"
            field="verdict"
            value={verdict}
            onChange={setVerdict}
            options={[
              ["deny", "Deny"],
              ["allow", "Allow"],
            ]}
          />
          <ListField
            label="Who"
            field="who"
            values={who}
            onChange={setWho}
            suggestions={subjects}
            placeholder="everybody"
            hint="user:alice, group:staff, device:laptop, tag:mobile"
          />
          <ListField label="Where to" field="to" values={to} onChange={setTo} placeholder="everywhere" hint="Prefixes: 10.20.0.0/16" />
          <SelectField
            label="Traffic"
            field="protocol"
            value={traffic}
            onChange={setTraffic}
            options={[
              ["all", "All"],
              ["icmp", "Ping (ICMP echo)"],
              ["udp", "UDP"],
            ]}
          />
          {traffic === "udp" && (
            <ListField label="Ports" field="ports" values={ports} onChange={setPorts} placeholder="all" hint="53, 1000-2000" />
          )}
          <TextField
            label="Virtual network"
            field="vnet"
            value={vnet}
            onInput={setVnet}
            suggestions={vnets}
            hint="Empty: all of them."
          />
          <TextField label="In force from" field="from" type="datetime-local" value={from} onInput={setFrom} />
          <TextField label="Until" field="until" type="datetime-local" value={until} onInput={setUntil} />
          {!policy && (
            <TextField label="Position" field="position" type="number" value={position} onInput={setPosition} hint="Empty: the last." />
          )}
          <TextField label="Comment" field="comment" value={comment} onInput={setComment} />
        </div>
      </Form>
    </Dialog>
  );
}
