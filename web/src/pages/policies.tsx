// Policies in the order in which they are asked; and a dry run beside them, which says what they
// would decide about a flow, and by which rule.
import { useState } from "preact/hooks";

import { asProblem, post, type Problem, put, remove } from "../api/client";
import { useLive } from "../api/live";
import { isAdmin } from "../api/session";
import type { Policy, PolicyCheck, Verdict } from "../api/types";
import { dateTime } from "../format";
import { Card, PageHead } from "../ui/page";
import { Button, IconButton } from "../ui/button";
import { confirm } from "../ui/dialog";
import { done, Empty, Loading, ProblemNotice } from "../ui/notice";
import { Pager, usePages } from "../ui/pages";
import { Sortable } from "../ui/sortable";
import { StatusWord } from "../ui/status";
import { DryRun, type Trial, trialOf } from "./dry-run";
import { PolicyDialog } from "./policy-dialog";

export function PoliciesPage() {
  const policies = usePages<Policy>("/policies", {}, { on: ["policy.", "group.", "user.", "device.update"], size: 200 });
  const [problem, setProblem] = useState<Problem | null>(null);
  const [editing, setEditing] = useState<Policy | "new" | null>(null);
  const [trial, setTrial] = useState<Trial | null>(null);
  const [decided, setDecided] = useState<PolicyCheck | null>(null);

  const move = async (policy: Policy, other: Policy) => {
    setProblem(null);
    try {
      await post(`/policies/${policy.id}/move`, { position: other.position });
      done(`${policy.name} is asked at place ${other.position} now.`);
    } catch (error) {
      setProblem(asProblem(error));
    }
    await policies.reload();
  };
  return (
    <>
      <PageHead title="Policies" about="Asked in this order at each new flow: the first that matches decides.">
        {isAdmin.value && (
          <Button kind="primary" icon="plus" onClick={() => setEditing("new")}>
            Add a policy
          </Button>
        )}
      </PageHead>
      <ProblemNotice problem={problem ?? policies.problem} />
      <div class="beside">
        <div>
          {policies.isLoading ? (
            <Loading />
          ) : (
            <Card>
              {policies.items.length === 0 && policies.problem === null && <Empty title="No policy yet: the default decides everything." />}
              <Sortable
                label="Policies in order"
                items={policies.items}
                keyOf={(policy) => policy.id}
                nameOf={(policy) => policy.name}
                classOf={(policy) => `policy ${policy.state} ${decided?.rule === policy.name ? "decides" : ""}`}
                canMove={isAdmin.value}
                onMove={move}
                render={(policy) => (
                  <PolicyRow policy={policy} onEdit={() => setEditing(policy)} onTry={() => setTrial(trialOf(policy))} />
                )}
              />
              <DefaultRow decides={decided?.rule === "default"} />
              <Pager pages={policies} what="policies" />
            </Card>
          )}
        </div>
        <DryRun trial={trial} onDecided={setDecided} />
      </div>
      {editing !== null && <PolicyDialog policy={editing === "new" ? null : editing} onClose={() => setEditing(null)} />}
    </>
  );
}

function PolicyRow({ policy, onEdit, onTry }: { policy: Policy; onEdit: () => void; onTry: () => void }) {
  return (
    <>
      <span class="position">{policy.position}</span>
      <div class="policy-text">
        <p>
          <strong>{policy.name}</strong> <StatusWord word={policy.verdict} />
          {policy.state !== "active" && <StatusWord word={policy.state} />}
        </p>
        <p class="policy-rule">
          <Words values={policy.who} none="everybody" /> <span class="soft">to</span> <Words values={policy.to} none="everywhere" />
          {policy.vnet && <span class="tag">network {policy.vnet}</span>}
          <span class="tag">{trafficOf(policy)}</span>
        </p>
        {(policy.comment || policy.from || policy.until) && (
          <p class="soft">
            {policy.comment}
            {policy.from && ` From ${dateTime(policy.from)}.`}
            {policy.until && ` Until ${dateTime(policy.until)}.`}
          </p>
        )}
      </div>
      <span class="row-actions">
        <IconButton icon="wrench" label={`Try a flow of ${policy.name}`} onClick={onTry} />
        {isAdmin.value && (
          <>
            <IconButton icon="edit" label={`Edit policy ${policy.name}`} onClick={onEdit} />
            <IconButton icon="trash" kind="danger" label={`Delete policy ${policy.name}`} onClick={() => askToDelete(policy)} />
          </>
        )}
      </span>
    </>
  );
}

export function trafficOf(policy: Pick<Policy, "protocol" | "ports">): string {
  if (policy.ports.length > 0) return `UDP ${policy.ports.join(", ")}`;
  if (policy.protocol === "icmp") return "ping";
  return policy.protocol === "udp" ? "UDP" : "all traffic";
}

const MOST = 4;

function Words({ values, none }: { values: readonly string[]; none: string }) {
  if (values.length === 0) return <em>{none}</em>;
  const more = values.length - MOST;
  return (
    <>
      {values.slice(0, MOST).map((value, place) => (
        <span key={value}>
          {place > 0 && ", "}
          <code>{value}</code>
        </span>
      ))}
      {more > 0 && ` and ${more} more`}
    </>
  );
}

function askToDelete(policy: Policy): void {
  confirm({
    title: `Delete policy ${policy.name}?`,
    text: <p>Flows that it decides are judged anew, at once, by the policies behind it and the default.</p>,
    action: "Delete the policy",
    run: async () => {
      await remove(`/policies/${policy.id}`);
      done(`Policy ${policy.name} is deleted.`);
    },
  });
}

function DefaultRow({ decides }: { decides: boolean }) {
  const live = useLive<{ verdict: Verdict }>("/policies/default", { on: ["policy.default"] });
  const verdict = live.data?.verdict;
  if (verdict === undefined) return <ProblemNotice problem={live.problem} />;
  const other = verdict === "allow" ? "deny" : "allow";
  return (
    <div class={`policy default ${decides ? "decides" : ""}`}>
      <span class="position">–</span>
      <div class="policy-text">
        <p>
          <strong>default</strong> <StatusWord word={verdict} />
        </p>
        <p class="policy-rule soft">What holds when no policy matches.</p>
      </div>
      {isAdmin.value && (
        <Button
          onClick={() =>
            confirm({
              title: `${other === "deny" ? "Deny" : "Allow"} by default?`,
              text: (
                <p>
                  {other === "deny"
                    ? "Every flow that no policy allows is refused from now on, those that run too."
                    : "Every flow that no policy denies passes from now on."}
                </p>
              ),
              action: other === "deny" ? "Deny by default" : "Allow by default",
              run: async () => {
                await put("/policies/default", { verdict: other });
                done(`The default is ${other} now.`);
              },
            })
          }
        >
          {other === "deny" ? "Deny by default" : "Allow by default"}
        </Button>
      )}
    </div>
  );
}
