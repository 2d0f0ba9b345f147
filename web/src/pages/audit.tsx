// Who changed what, newest first.
import type { AuditEntry } from "../api/types";
import { dateTime } from "../format";
import { Card, PageHead } from "../ui/page";
import { place, setQuery } from "../router";
import { Button } from "../ui/button";
import { DelayedField } from "../ui/delayed-field";
import { SelectField, TextField } from "../ui/form";
import { Empty, Loading, ProblemNotice } from "../ui/notice";
import { Pager, usePages } from "../ui/pages";
import { type Column, Table } from "../ui/table";
import { apiTime } from "./policy-dialog";

const KINDS = [
  ["", "Everything"],
  ["tunnel.", "Tunnels"],
  ["route.", "Routes"],
  ["vnet.", "Virtual networks"],
  ["user.", "Users"],
  ["group.", "Groups"],
  ["device.", "Devices"],
  ["key.", "Enrolment keys"],
  ["policy.", "Policies"],
  ["api-token.", "API tokens"],
  ["session.", "Sessions"],
] as const;

const COLUMNS: Column<AuditEntry>[] = [
  { title: "When", isName: true, cell: (entry) => <time dateTime={entry.time}>{dateTime(entry.time)}</time> },
  { title: "Who", cell: (entry) => entry.actor },
  { title: "Did", cell: (entry) => <code>{entry.action}</code> },
  { title: "To", cell: (entry) => entry.object || "–" },
  { title: "What", isWide: true, cell: (entry) => <Detail detail={entry.detail} /> },
];

export function AuditPage() {
  const query = place.value.query;
  const action = query.get("action") ?? "";
  const object = query.get("object") ?? "";
  const since = query.get("since") ?? "";
  const entries = usePages<AuditEntry>("/audit", { action, object, since: apiTime(since) }, { on: [""], size: 50 });
  return (
    <>
      <PageHead title="Audit" about="Who changed what, newest first. Secrets are never in it." />
      <Card>
        <div class="filters" role="search" aria-label="Filter the audit log">
          <SelectField label="About" value={action} onChange={(value) => setQuery({ action: value })} options={KINDS} />
          <DelayedField label="Of the name" value={object} onValue={(value) => setQuery({ object: value })} />
          <TextField label="Since" type="datetime-local" value={since} onInput={(value) => setQuery({ since: value })} />
          {(action || object || since) && <Button onClick={() => setQuery({ action: "", object: "", since: "" })}>Clear</Button>}
        </div>
        <ProblemNotice problem={entries.problem} onRetry={entries.reload} />
        {entries.isLoading ? (
          <Loading />
        ) : entries.items.length === 0 ? (
          entries.problem === null && <Empty title="Nothing like that has happened." />
        ) : (
          <Table caption="Audit log" columns={COLUMNS} rows={entries.items} keyOf={(entry) => entry.id} />
        )}
        <Pager pages={entries} what="the audit log" />
      </Card>
    </>
  );
}

// One value in words; nothing is lost.
export function inWords(value: unknown): string {
  if (value === null || value === undefined) return "none";
  if (typeof value === "string") return value === "" ? "empty" : value;
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.map(inWords).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

// A change is {"from": before, "to": after}.
function isChange(value: unknown): value is { from: unknown; to: unknown } {
  return typeof value === "object" && value !== null && Object.keys(value).sort().join() === "from,to";
}

// What is worth a word: of what was made, not all that it might have been.
export function partsOf(detail: Record<string, unknown>): [string, string][] {
  return Object.entries(detail)
    .filter(([, value]) => isChange(value) || !(value === null || value === "" || (Array.isArray(value) && value.length === 0)))
    .map(([name, value]) => [name, isChange(value) ? `${inWords(value.from)} → ${inWords(value.to)}` : inWords(value)]);
}

function Detail({ detail }: { detail: Record<string, unknown> }) {
  const parts = partsOf(detail);
  if (parts.length === 0) return <span class="soft">–</span>;
  return (
    <dl class="detail">
      {parts.map(([name, text]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}
