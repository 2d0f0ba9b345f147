// Verdicts on new flows as they are made.
import { useEffect, useRef, useState } from "preact/hooks";

import { Problem, withQuery } from "../api/client";
import { EMPTY, type FlowLog, resumed, type Row, SHOWN, withFlows } from "../api/flow-log";
import { useNames } from "../api/names";
import { Stream } from "../api/stream";
import type { Flow } from "../api/types";
import { clockTime, count, plural } from "../format";
import { Card, PageHead } from "../ui/page";
import { linkTo, place, setQuery } from "../router";
import { Button } from "../ui/button";
import { DelayedField } from "../ui/delayed-field";
import { SelectField } from "../ui/form";
import { Empty, ProblemNotice } from "../ui/notice";
import { Status, StatusWord } from "../ui/status";
import { type Column, Table } from "../ui/table";

// What comes within this time is drawn at once.
const BEAT_MS = 250;

function deviceOf(flow: Row) {
  if (flow.device === null) return <span class="soft">unknown</span>;
  return flow.check ? <>{flow.device} <span class="soft">(a check)</span></> : flow.device;
}

const COLUMNS: Column<Row>[] = [
  { title: "Time", isName: true, cell: (flow) => <time dateTime={flow.time}>{clockTime(flow.time)}</time> },
  { title: "Verdict", cell: (flow) => <StatusWord word={flow.verdict} /> },
  { title: "Device", cell: deviceOf },
  { title: "User", cell: (flow) => flow.user ?? <span class="soft">–</span> },
  { title: "From", cell: (flow) => <code>{flow.from}</code> },
  { title: "To", cell: (flow) => <code>{flow.to}</code> },
  { title: "Traffic", cell: (flow) => (flow.protocol === "udp" ? `UDP\u00a0${flow.port}` : "ping") },
  { title: "Rule", cell: (flow) => flow.rule },
  {
    title: "Tunnel",
    cell: (flow) => (flow.tunnel === null ? <span class="soft">no route</span> : <a href={linkTo("tunnels", flow.tunnel)}>{flow.tunnel}</a>),
  },
];

const FILTERS = ["device", "user", "to", "from", "rule", "tunnel", "protocol", "verdict"] as const;

function useFlows(path: string, isPaused: boolean) {
  const [log, setLog] = useState<FlowLog>(EMPTY);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isOpen, setOpen] = useState(false);
  const paused = useRef(isPaused);
  paused.current = isPaused;
  useEffect(() => {
    if (!isPaused) setLog(resumed);
  }, [isPaused]);
  useEffect(() => {
    setLog(EMPTY);
    let come: Flow[] = [];
    let leftOut = 0;
    const stream = new Stream(path, {
      onEvent: ({ name, data }) => {
        if (name === "flow") come.push(data as Flow);
        if (name === "left-out") leftOut += (data as { count: number }).count;
      },
      onState: (state, why) => {
        // Its beginning is told anew with each connection.
        if (state === "open") setLog(EMPTY);
        setOpen(state === "open");
        setProblem(why);
      },
    });
    const beat = setInterval(() => {
      if (come.length === 0 && leftOut === 0) return;
      const [flows, missed] = [come, leftOut];
      [come, leftOut] = [[], 0];
      setLog((before) => ({ ...withFlows(before, flows, paused.current), leftOut: before.leftOut + missed }));
    }, BEAT_MS);
    const onVisibility = () => (document.hidden ? stream.close() : stream.open());
    document.addEventListener("visibilitychange", onVisibility);
    stream.open();
    return () => {
      clearInterval(beat);
      document.removeEventListener("visibilitychange", onVisibility);
      stream.close();
    };
  }, [path]);
  return { log, problem, isOpen };
}

export function FlowsPage() {
  const [isPaused, setPaused] = useState(false);
  const query = place.value.query;
  const filter = Object.fromEntries(FILTERS.map((name) => [name, query.get(name) ?? ""])) as Record<(typeof FILTERS)[number], string>;
  const { log, problem, isOpen } = useFlows(withQuery("/flows", filter), isPaused);
  const isFiltered = Object.values(filter).some((value) => value !== "");
  return (
    <>
      <PageHead
        title="Flows"
        about={
          <span class="counts">
            {isPaused ? (
              <Status tone="fair">Paused, {count(log.waiting.length)} waiting</Status>
            ) : (
              <Status tone={isOpen ? "good" : "fair"}>{isOpen ? "Live" : "Connecting…"}</Status>
            )}
            {log.leftOut > 0 && (
              <span class="soft">{plural(log.leftOut, "verdict")} left out: more came than can be told</span>
            )}
          </span>
        }
      >
        <Button icon={isPaused ? "play" : "pause"} pressed={isPaused} onClick={() => setPaused(!isPaused)}>
          {isPaused ? "Go on" : "Pause"}
        </Button>
      </PageHead>
      <Card>
        <Filters filter={filter} isFiltered={isFiltered} />
        <ProblemNotice problem={problem} />
        {log.rows.length === 0 ? (
          <Empty title={isFiltered ? "No verdict like that yet." : "No flow yet."}>
            <p>A line appears for each verdict on a new flow, and for each that a change turned.</p>
          </Empty>
        ) : (
          <Table
            caption="Verdicts, newest first"
            columns={COLUMNS}
            rows={log.rows}
            keyOf={(row) => row.key}
            rowClass={(row) => (row.verdict === "deny" ? "denied" : "")}
          />
        )}
        {log.rows.length === SHOWN && <p class="hint">The last {SHOWN} are shown; the flow log has them all.</p>}
      </Card>
    </>
  );
}

function Filters({ filter, isFiltered }: { filter: Record<(typeof FILTERS)[number], string>; isFiltered: boolean }) {
  const devices = useNames("devices");
  const users = useNames("users");
  const tunnels = useNames("tunnels");
  return (
    <div class="filters" role="search" aria-label="Filter flows">
      <SelectField
        label="Verdict"
        value={filter.verdict}
        onChange={(verdict) => setQuery({ verdict })}
        options={[
          ["", "Any"],
          ["allow", "allow"],
          ["deny", "deny"],
        ]}
      />
      <DelayedField label="Device" value={filter.device} suggestions={devices} onValue={(device) => setQuery({ device })} />
      <DelayedField label="User" value={filter.user} suggestions={users} onValue={(user) => setQuery({ user })} />
      <DelayedField label="To prefix" value={filter.to} placeholder="10.0.0.0/8" isCode onValue={(to) => setQuery({ to })} />
      <DelayedField label="Tunnel" value={filter.tunnel} suggestions={tunnels} onValue={(tunnel) => setQuery({ tunnel })} />
      <DelayedField label="Rule" value={filter.rule} onValue={(rule) => setQuery({ rule })} />
      <SelectField
        label="Traffic"
        value={filter.protocol}
        onChange={(protocol) => setQuery({ protocol })}
        options={[
          ["", "All"],
          ["icmp", "ping"],
          ["udp", "UDP"],
        ]}
      />
      {isFiltered && <Button onClick={() => setQuery(Object.fromEntries(FILTERS.map((name) => [name, ""])))}>Clear</Button>}
    </div>
  );
}
