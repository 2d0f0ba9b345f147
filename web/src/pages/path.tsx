// The third look: ping and traceroute run live from the edge, or from a device, to a destination;
// and above them the verdict on whether it can be reached, and if not, why not.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import { Problem, withQuery } from "../api/client";
import { useLive } from "../api/live";
import { NOTHING, type PathTrial, splitDestination, summaryOf, withEvent } from "../api/path-trial";
import { Stream } from "../api/stream";
import type { Device, HopRole, Page, PathEvidence, PathHop, PathVerdict } from "../api/types";
import { milliseconds, plural, share } from "../format";
import { Card, PageHead } from "../ui/page";
import { place, setQuery } from "../router";
import { Button } from "../ui/button";
import { Chart } from "../ui/chart";
import { TextField } from "../ui/form";
import { Icon, type IconName } from "../ui/icon";
import { Empty, ProblemNotice } from "../ui/notice";
import { Status, type Tone } from "../ui/status";
import { type Column, Table } from "../ui/table";

// The look along a path, while `path` is not null.
function usePath(path: string | null) {
  const [trial, setTrial] = useState<PathTrial>(NOTHING);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isRunning, setRunning] = useState(false);
  const stream = useRef<Stream | null>(null);
  useEffect(() => {
    if (path === null) return;
    setTrial(NOTHING);
    setProblem(null);
    setRunning(true);
    const opened = new Stream(
      path,
      {
        onEvent: (event) => setTrial((before) => withEvent(before, event)),
        onState: (state, why) => {
          if (state === "closed") {
            setRunning(false);
            setProblem(why);
          }
        },
      },
      true,
    );
    stream.current = opened;
    opened.open();
    return () => opened.close();
  }, [path]);
  return { trial, problem, isRunning, stop: () => stream.current?.close() };
}

export function PathPage() {
  const query = place.value.query;
  const asked = { to: query.get("to") ?? "", from: query.get("from") ?? "", port: query.get("port") ?? "" };
  const [run, setRun] = useState(0); // asked for again with the same words
  const path = asked.to === "" ? null : withQuery("/path", asked) + (run > 0 ? `#${run}` : "");
  const { trial, problem, isRunning, stop } = usePath(path);
  const [to, setTo] = useState(asked.port ? `${bracketed(asked.to)}:${asked.port}` : asked.to);
  const [from, setFrom] = useState(asked.from);
  const devices = useLive<Page<Device>>("/devices?limit=1000", { on: ["device."] });
  const online = devices.data?.items.filter((device) => device.online && device.kind === "enrolled").map((device) => device.name);

  const start = (event: Event) => {
    event.preventDefault();
    const next = { ...splitDestination(to), from: from.trim() };
    if (next.to === "") return;
    setQuery(next);
    setRun(run + 1);
  };
  return (
    <>
      <PageHead title="Path" about="Ping and traceroute, live, and what stands in the way." />
      <Card>
        <form class="path-form" onSubmit={start}>
          <TextField
            label="Destination"
            value={to}
            onInput={setTo}
            placeholder="172.16.10.120, host.example.net, 10.1.2.3:53"
            isCode
            autoFocus
          />
          <TextField label="From" value={from} onInput={setFrom} placeholder="the edge" suggestions={online ?? []} />
          {isRunning ? (
            <Button key="stop" icon="pause" onClick={stop}>
              Stop
            </Button>
          ) : (
            // Another button, or the click that stops would send the form.
            <Button key="look" icon="play" kind="primary" type="submit">
              Look
            </Button>
          )}
        </form>
        <ProblemNotice problem={problem} />
      </Card>
      {asked.to === "" ? (
        <Empty title="Where to?">
          <p>An address or a name inside a private network; with a port it is asked for too.</p>
        </Empty>
      ) : (
        (isRunning || trial !== NOTHING) && (
          <>
            <VerdictCard verdict={trial.verdict} isRunning={isRunning} />
            <PingCard trial={trial} isRunning={isRunning} />
            <HopsCard hops={trial.hops} isRunning={isRunning} isFromDevice={asked.from !== ""} />
          </>
        )
      )}
    </>
  );
}

function bracketed(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}

const OUTCOMES: Record<PathEvidence["outcome"], [Tone, string]> = {
  ok: ["good", "ok"],
  bad: ["bad", "bad"],
  unknown: ["off", "not known"],
};

function VerdictCard({ verdict, isRunning }: { verdict: PathVerdict | null; isRunning: boolean }) {
  if (verdict === null) {
    return (
      <Card>
        <p role="status" class="soft">
          {isRunning ? "Looking…" : "It ended without a verdict."}
        </p>
      </Card>
    );
  }
  return (
    <section class={`card verdict ${verdict.reachable ? "good" : "bad"}`} aria-label="Verdict">
      <div role="status">
        <p class="verdict-word">
          <Status tone={verdict.reachable ? "good" : "bad"}>{verdict.reachable ? "Reachable" : "Not reachable"}</Status>
          <span class="tag">{verdict.cause}</span>
        </p>
        <p class="verdict-text">{verdict.verdict}</p>
        {verdict.fix && (
          <p class="fix">
            <Icon name="wrench" />
            <span>{verdict.fix}</span>
          </p>
        )}
      </div>
      <Legs legs={verdict.legs} />
      <details open={!verdict.reachable}>
        <summary>What was looked at ({verdict.evidence.length})</summary>
        <ul class="evidence">
          {verdict.evidence.map((evidence) => {
            const [tone, word] = OUTCOMES[evidence.outcome];
            return (
              <li key={evidence.check}>
                <Status tone={tone}>{word}</Status>
                <strong>{evidence.check}</strong>
                <span>{evidence.detail}</span>
              </li>
            );
          })}
        </ul>
      </details>
    </section>
  );
}

function Legs({ legs }: { legs: PathVerdict["legs"] }) {
  const shown = [
    ["device – edge", legs.device_edge_ms],
    ["edge – connector", legs.edge_connector_ms],
    ["connector – host", legs.connector_host_ms],
  ] as const;
  const known = shown.filter(([, ms]) => ms !== null);
  if (known.length === 0) return null;
  return (
    <ul class="legs" aria-label="Latency of each leg">
      {known.map(([name, ms]) => (
        <li key={name} style={{ flexGrow: Math.max(0.05, (ms ?? 0) / known.reduce((sum, [, leg]) => sum + (leg ?? 0), 0.001)) }}>
          <span>{name}</span>
          <strong>{milliseconds(ms)}</strong>
        </li>
      ))}
    </ul>
  );
}

function PingCard({ trial, isRunning }: { trial: PathTrial; isRunning: boolean }) {
  const { pings } = trial;
  const summary = summaryOf(pings);
  const worst = summary.worst ?? 1;
  const chart = useMemo(
    () => ({
      times: pings.map((ping) => ping.sequence),
      series: [
        { label: "Round trip", values: pings.map((ping) => ping.rtt_ms), colour: "--accent" },
        { label: "Lost", values: pings.map((ping) => (ping.rtt_ms === null ? worst : null)), colour: "--bad", kind: "bars" as const },
      ],
    }),
    [pings],
  );
  const last = pings.at(-1);
  if (pings.length === 0) {
    return (
      <Card title="Ping">
        <p class="soft">{isRunning ? "Waiting for the first answer…" : "None came."}</p>
      </Card>
    );
  }
  return (
    <Card title="Ping">
      <dl class="figures">
        {(
          [
            ["Last", last ? (last.rtt_ms === null ? (last.error ?? "lost") : milliseconds(last.rtt_ms)) : "–"],
            ["Best", milliseconds(summary.best)],
            ["Average", milliseconds(summary.average)],
            ["Worst", milliseconds(summary.worst)],
            ["Loss", `${share(summary.lost / summary.sent)} of ${summary.sent}`],
          ] as const
        ).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Chart
        summary={`Latency over ${plural(summary.sent, "ping")}: ${milliseconds(summary.best)} to ${milliseconds(summary.worst)}, ${summary.lost} lost`}
        height={140}
        isCounted
        unit={(value) => milliseconds(value)}
        {...chart}
      />
    </Card>
  );
}

const ROLES: Record<HopRole, IconName> = {
  device: "device",
  edge: "edge",
  connector: "tunnel",
  router: "route",
  destination: "flow",
};

function hopColumns(scale: number): Column<PathHop>[] {
  return [
    { title: "Hop", isNumber: true, cell: (hop) => hop.ttl },
    {
      title: "Who",
      isName: true,
      cell: (hop) => (
        <span class={`hop ${hop.role}`}>
          <span class="hop-role">
            <Icon name={ROLES[hop.role]} />
            {hop.role}
          </span>
          {hop.address === null ? <span class="soft">does not answer</span> : <code>{hop.address}</code>}
          {hop.name && <span class="soft">{hop.name}</span>}
        </span>
      ),
    },
    {
      title: "Loss",
      isNumber: true,
      cell: (hop) =>
        hop.sent === 0 ? (
          "–"
        ) : hop.lost === 0 ? (
          share(0)
        ) : (
          <Status tone={hop.lost === hop.sent ? "bad" : "fair"}>{share(hop.lost / hop.sent)}</Status>
        ),
    },
    { title: "Sent", isNumber: true, cell: (hop) => hop.sent },
    { title: "Last", isNumber: true, cell: (hop) => milliseconds(hop.last_ms) },
    { title: "Best", isNumber: true, cell: (hop) => milliseconds(hop.best_ms) },
    { title: "Average", isNumber: true, cell: (hop) => milliseconds(hop.avg_ms) },
    { title: "Worst", isNumber: true, cell: (hop) => milliseconds(hop.worst_ms) },
    { title: "Jitter", isNumber: true, cell: (hop) => milliseconds(hop.jitter_ms) },
    { title: "Range", isWide: true, cell: (hop) => <Range hop={hop} scale={scale} /> },
  ];
}

// From the best to the worst, with a mark at the average: all hops to one scale.
function Range({ hop, scale }: { hop: PathHop; scale: number }) {
  const { best_ms, avg_ms, worst_ms } = hop;
  if (best_ms === null || avg_ms === null || worst_ms === null) return null;
  const at = (ms: number) => 2 + (ms / scale) * 156;
  return (
    <svg class="range" viewBox="0 0 160 12" aria-hidden="true" focusable="false" preserveAspectRatio="none">
      <path class="range-scale" d="M2 6h156" />
      <path class="range-span" d={`M${at(best_ms)} 6H${Math.max(at(worst_ms), at(best_ms) + 1)}`} />
      <circle cx={at(avg_ms)} cy="6" r="3.5" />
    </svg>
  );
}

function HopsCard({ hops, isRunning, isFromDevice }: { hops: readonly PathHop[]; isRunning: boolean; isFromDevice: boolean }) {
  const scale = Math.max(0.001, ...hops.map((hop) => hop.worst_ms ?? 0));
  return (
    <Card title={isFromDevice ? "Hops, from the edge on" : "Hops"}>
      {hops.length === 0 ? (
        <p class="soft">{isRunning ? "Waiting for the first hop…" : "None answered."}</p>
      ) : (
        <Table caption="Hops on the path" isDense columns={hopColumns(scale)} rows={hops} keyOf={(hop) => hop.ttl} />
      )}
    </Card>
  );
}
