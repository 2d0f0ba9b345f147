// How a tunnel was over the last day: a strip of its status, and round trip and loss over time.
import { useMemo } from "preact/hooks";

import { useLive } from "../api/live";
import type { TunnelDetails, TunnelHistory, TunnelSample, TunnelStatus } from "../api/types";
import { clockTime, dateTime, milliseconds, plural, share } from "../format";
import { Card } from "../ui/page";
import { Chart } from "../ui/chart";
import { Empty, ProblemNotice } from "../ui/notice";

const EVERY_MS = 60_000;
const STRIP = 96; // marks, at most

const RANK: Record<TunnelStatus, number> = { inactive: 0, healthy: 1, degraded: 2, down: 3 };

export interface Mark {
  from: string;
  to: string;
  status: TunnelStatus; // the worst in it
}

// At most `most` marks for all samples, in order.
export function marksOf(samples: readonly TunnelSample[], most = STRIP): Mark[] {
  const size = Math.max(1, Math.ceil(samples.length / most));
  const marks: Mark[] = [];
  for (let begin = 0; begin < samples.length; begin += size) {
    const part = samples.slice(begin, begin + size);
    const worst = part.reduce((a, b) => (RANK[b.status] > RANK[a.status] ? b : a));
    marks.push({ from: part[0]!.time, to: part.at(-1)!.time, status: worst.status });
  }
  return marks;
}

export function TunnelHealth({ tunnel }: { tunnel: TunnelDetails }) {
  const history = useLive<TunnelHistory>(`/tunnels/${tunnel.id}/history`, { everyMs: EVERY_MS, on: ["tunnel."] });
  const samples = history.data?.samples ?? [];
  const series = useMemo(
    () => ({
      times: samples.map((sample) => new Date(sample.time).getTime() / 1000),
      rtt: samples.map((sample) => sample.rtt_ms),
      loss: samples.map((sample) => sample.loss * 100),
    }),
    [history.data],
  );
  const rtts = series.rtt.filter((value): value is number => value !== null);
  const worstLoss = Math.max(0, ...samples.map((sample) => sample.loss));
  const down = samples.filter((sample) => sample.status === "down").length;
  return (
    <Card title="Health over time">
      <ProblemNotice problem={history.problem} onRetry={history.reload} />
      {samples.length === 0 ? (
        <Empty title="No sample yet.">
          <p>The edge takes one a minute of each connected tunnel, and keeps a day of them until it restarts.</p>
        </Empty>
      ) : (
        <>
          <p class="soft">
            {dateTime(samples[0]!.time)} to {clockTime(samples.at(-1)!.time)}:{" "}
            {down === 0 ? "never down" : `down in ${plural(down, "minute")}`}
          </p>
          <div class="strip" role="img" aria-label={`Status over ${plural(samples.length, "minute")}, down in ${down}`}>
            {marksOf(samples).map((mark) => (
              <span key={mark.from} class={mark.status} title={`${clockTime(mark.from)}: ${mark.status}`} />
            ))}
          </div>
          <div class="charts">
            <figure>
              <figcaption>Round trip, best connection</figcaption>
              <Chart
                summary={`Round trip over time: ${rtts.length > 0 ? `${milliseconds(Math.min(...rtts))} to ${milliseconds(Math.max(...rtts))}` : "none"}`}
                times={series.times}
                series={[{ label: "Round trip", values: series.rtt, colour: "--accent" }]}
                unit={(value) => milliseconds(value)}
              />
            </figure>
            <figure>
              <figcaption>Loss, of what the edge sent</figcaption>
              <Chart
                summary={`Loss over time: ${share(worstLoss)} at most`}
                times={series.times}
                series={[{ label: "Loss", values: series.loss, colour: "--bad", kind: "bars" }]}
                unit={(value) => `${value < 10 ? value.toFixed(1) : Math.round(value)} %`}
                max={1}
              />
            </figure>
          </div>
        </>
      )}
    </Card>
  );
}
