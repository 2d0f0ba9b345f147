// API tokens, and who is signed in here.
import { useState } from "preact/hooks";

import { post, remove } from "../api/client";
import { caller, isAdmin } from "../api/session";
import type { ApiToken, Role, Session } from "../api/types";
import { dateTime, relative } from "../format";
import { Card, PageHead } from "../ui/page";
import { Button, IconButton } from "../ui/button";
import { confirm, Dialog } from "../ui/dialog";
import { Form, SelectField, TextField } from "../ui/form";
import { done, Empty, Loading, ProblemNotice } from "../ui/notice";
import { Pager, usePages } from "../ui/pages";
import { Secret } from "../ui/secret";
import { type Column, Table } from "../ui/table";
import { inTime, LIFETIMES, type Lifetime } from "./lifetimes";

export function TokensPage() {
  const [isMaking, setMaking] = useState(false);
  const tokens = usePages<ApiToken>("/api-tokens", {}, { on: ["api-token."] });
  const columns: Column<ApiToken>[] = [
    { title: "Name", isName: true, cell: (token) => token.name },
    { title: "Role", cell: (token) => token.role },
    {
      title: "Expires",
      cell: (token) => (token.expires ? `${dateTime(token.expires)} (${relative(token.expires)})` : "never"),
    },
    { title: "Made", isWide: true, cell: (token) => dateTime(token.created) },
    {
      title: "Actions",
      isActions: true,
      cell: (token) =>
        isAdmin.value && (
          <IconButton icon="trash" kind="danger" label={`Delete token ${token.name}`} onClick={() => askToDelete(token)} />
        ),
    },
  ];
  return (
    <>
      <PageHead title="API tokens" about="What lets programs, and people at this page, ask the edge by TCP.">
        {isAdmin.value && (
          <Button kind="primary" icon="plus" onClick={() => setMaking(true)}>
            Create a token
          </Button>
        )}
      </PageHead>
      <Card>
        <ProblemNotice problem={tokens.problem} onRetry={tokens.reload} />
        {tokens.isLoading ? (
          <Loading />
        ) : tokens.items.length === 0 ? (
          <Empty title="No token yet." />
        ) : (
          <Table caption="API tokens" columns={columns} rows={tokens.items} keyOf={(token) => token.id} />
        )}
        <Pager pages={tokens} what="tokens" />
      </Card>
      {isAdmin.value && <Sessions />}
      {isMaking && <CreateDialog onClose={() => setMaking(false)} />}
    </>
  );
}

function askToDelete(token: ApiToken): void {
  const isOwn = caller.value?.actor === `token ${token.name}`;
  confirm({
    title: `Delete token ${token.name}?`,
    text: (
      <ul>
        <li>Whoever uses it is refused from now on.</li>
        <li>Sessions that were begun with it end{isOwn && ", and this one is among them"}.</li>
      </ul>
    ),
    action: "Delete the token",
    run: async () => {
      await remove(`/api-tokens/${token.id}`);
      done(`Token ${token.name} is deleted.`);
    },
  });
}

function Sessions() {
  const sessions = usePages<Session>("/sessions", {}, { on: ["session.", "api-token."] });
  const own = caller.value?.session?.id;
  const columns: Column<Session>[] = [
    {
      title: "Who",
      isName: true,
      cell: (session) => (
        <>
          {session.actor}
          {session.id === own && <span class="tag">this one</span>}
        </>
      ),
    },
    { title: "Role", cell: (session) => session.role },
    { title: "From", cell: (session) => <code>{session.peer}</code> },
    { title: "Began", cell: (session) => dateTime(session.began) },
    { title: "Last used", cell: (session) => relative(session.used) },
    { title: "Ends unused", isWide: true, cell: (session) => relative(session.expires) },
    {
      title: "Actions",
      isActions: true,
      cell: (session) => (
        <IconButton
          icon="signOut"
          kind="danger"
          label={`End session of ${session.actor}`}
          onClick={() =>
            confirm({
              title: "End the session?",
              text: <p>{session.actor} must sign in again.</p>,
              action: "End the session",
              run: async () => {
                await remove(`/sessions/${session.id}`);
                done("The session is over.");
              },
            })
          }
        />
      ),
    },
  ];
  return (
    <Card title="Signed in at the dashboard">
      <ProblemNotice problem={sessions.problem} onRetry={sessions.reload} />
      <Table caption="Sessions" columns={columns} rows={sessions.items} keyOf={(session) => session.id} />
      <Pager pages={sessions} what="sessions" />
    </Card>
  );
}

function CreateDialog({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("read");
  const [lifetime, setLifetime] = useState<Lifetime>("quarter");
  const [made, setMade] = useState<(ApiToken & { token: string }) | null>(null);
  const create = async () => {
    setMade(await post<ApiToken & { token: string }>("/api-tokens", { name: name.trim(), role, expires: inTime(lifetime) }));
  };
  if (made !== null) {
    return (
      <Dialog title={`Token ${made.name} is made`} isWide onClose={onClose}>
        <Secret what="the token" value={made.token} fileName={`${made.name}.api-token`} />
        <div class="dialog-actions">
          <Button kind="primary" onClick={onClose}>
            I have the token
          </Button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title="Create an API token" onClose={onClose}>
      <Form fields={["name", "role", "expires"]} submit="Create" onSubmit={create} onCancel={onClose}>
        <TextField label="Name" field="name" value={name} onInput={setName} hint="What the audit log calls who uses it." autoFocus />
        <SelectField
          label="Role"
          field="role"
          value={role}
          onChange={setRole}
          options={[
            ["read", "read: sees everything, changes nothing"],
            ["admin", "admin: may do everything"],
          ]}
        />
        <SelectField label="Good for" field="expires" value={lifetime} onChange={setLifetime} options={LIFETIMES} />
      </Form>
    </Dialog>
  );
}
