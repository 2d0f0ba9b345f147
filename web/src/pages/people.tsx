// Users and groups: whom policies speak of.
import { useState } from "preact/hooks";

import { patch, post, remove } from "../api/client";
import { useNames } from "../api/names";
import { isAdmin } from "../api/session";
import type { Group, User } from "../api/types";
import { plural } from "../format";
import { Card, Chips, PageHead } from "../ui/page";
import { Button, IconButton } from "../ui/button";
import { confirm, Dialog } from "../ui/dialog";
import { Form, ListField, TextField } from "../ui/form";
import { done, Empty, Loading, ProblemNotice } from "../ui/notice";
import { Pager, usePages } from "../ui/pages";
import { type Column, Table } from "../ui/table";

type Open = { kind: "user"; user: User | null } | { kind: "group"; group: Group | null } | null;

export function PeoplePage() {
  const [open, setOpen] = useState<Open>(null);
  const users = usePages<User>("/users", {}, { on: ["user.", "group.", "device."] });
  const groups = usePages<Group>("/groups", {}, { on: ["group.", "user."] });
  const close = () => setOpen(null);

  const userColumns: Column<User>[] = [
    { title: "Name", isName: true, cell: (user) => user.name },
    { title: "Groups", cell: (user) => <Chips values={user.groups} /> },
    { title: "Devices", isNumber: true, cell: (user) => user.devices },
    { title: "Comment", isWide: true, cell: (user) => user.comment || <span class="soft">–</span> },
    {
      title: "Actions",
      isActions: true,
      cell: (user) =>
        isAdmin.value && (
          <>
            <IconButton icon="edit" label={`Edit user ${user.name}`} onClick={() => setOpen({ kind: "user", user })} />
            <IconButton icon="trash" kind="danger" label={`Delete user ${user.name}`} onClick={() => askToDeleteUser(user)} />
          </>
        ),
    },
  ];
  const groupColumns: Column<Group>[] = [
    { title: "Name", isName: true, cell: (group) => group.name },
    { title: "Members", isWide: true, cell: (group) => <Chips values={group.members} most={8} none="nobody" /> },
    { title: "Comment", isWide: true, cell: (group) => group.comment || <span class="soft">–</span> },
    {
      title: "Actions",
      isActions: true,
      cell: (group) =>
        isAdmin.value && (
          <>
            <IconButton icon="edit" label={`Edit group ${group.name}`} onClick={() => setOpen({ kind: "group", group })} />
            <IconButton icon="trash" kind="danger" label={`Delete group ${group.name}`} onClick={() => askToDeleteGroup(group)} />
          </>
        ),
    },
  ];
  return (
    <>
      <PageHead title="Users and groups" about="Devices belong to users, users to groups, and policies name any of them." />
      <Card
        title="Users"
        actions={
          isAdmin.value && (
            <Button icon="plus" onClick={() => setOpen({ kind: "user", user: null })}>
              Add a user
            </Button>
          )
        }
      >
        <ProblemNotice problem={users.problem} onRetry={users.reload} />
        {users.isLoading ? (
          <Loading />
        ) : users.items.length === 0 ? (
          <Empty title="No user yet." />
        ) : (
          <Table caption="Users" columns={userColumns} rows={users.items} keyOf={(user) => user.id} />
        )}
        <Pager pages={users} what="users" />
      </Card>
      <Card
        title="Groups"
        actions={
          isAdmin.value && (
            <Button icon="plus" onClick={() => setOpen({ kind: "group", group: null })}>
              Add a group
            </Button>
          )
        }
      >
        <ProblemNotice problem={groups.problem} onRetry={groups.reload} />
        {groups.isLoading ? (
          <Loading />
        ) : groups.items.length === 0 ? (
          <Empty title="No group yet." />
        ) : (
          <Table caption="Groups" columns={groupColumns} rows={groups.items} keyOf={(group) => group.id} />
        )}
        <Pager pages={groups} what="groups" />
      </Card>
      {open?.kind === "user" && <UserDialog user={open.user} onClose={close} />}
      {open?.kind === "group" && <GroupDialog group={open.group} onClose={close} />}
    </>
  );
}

function askToDeleteUser(user: User): void {
  confirm({
    title: `Delete user ${user.name}?`,
    text: (
      <ul>
        {user.groups.length > 0 && <li>{`He leaves ${plural(user.groups.length, "group")}.`}</li>}
        <li>It is refused while a policy, a device or a key names him.</li>
      </ul>
    ),
    action: "Delete the user",
    run: async () => {
      await remove(`/users/${user.id}`);
      done(`User ${user.name} is deleted.`);
    },
  });
}

function askToDeleteGroup(group: Group): void {
  confirm({
    title: `Delete group ${group.name}?`,
    text: <p>Its {plural(group.members.length, "member")} stay users. It is refused while a policy names it.</p>,
    action: "Delete the group",
    run: async () => {
      await remove(`/groups/${group.id}`);
      done(`Group ${group.name} is deleted.`);
    },
  });
}

function UserDialog({ user, onClose }: { user: User | null; onClose: () => void }) {
  const [name, setName] = useState(user?.name ?? "");
  const [comment, setComment] = useState(user?.comment ?? "");
  const save = async () => {
    const body = { name: name.trim(), comment };
    await (user ? patch(`/users/${user.id}`, body) : post("/users", body));
    onClose();
  };
  return (
    <Dialog title={user ? `Edit user ${user.name}` : "Add a user"} onClose={onClose}>
      <Form fields={["name", "comment"]} submit={user ? "Save" : "Add"} onSubmit={save} onCancel={onClose}>
        <TextField label="Name" field="name" value={name} onInput={setName} hint="alice, or alice@example.org." autoFocus />
        <TextField label="Comment" field="comment" value={comment} onInput={setComment} />
      </Form>
    </Dialog>
  );
}

function GroupDialog({ group, onClose }: { group: Group | null; onClose: () => void }) {
  const users = useNames("users");
  const [name, setName] = useState(group?.name ?? "");
  const [comment, setComment] = useState(group?.comment ?? "");
  const [members, setMembers] = useState(group?.members ?? []);
  const save = async () => {
    const body = { name: name.trim(), comment, members };
    await (group ? patch(`/groups/${group.id}`, body) : post("/groups", body));
    onClose();
  };
  return (
    <Dialog title={group ? `Edit group ${group.name}` : "Add a group"} onClose={onClose}>
      <Form fields={["name", "comment", "members"]} submit={group ? "Save" : "Add"} onSubmit={save} onCancel={onClose}>
        <TextField label="Name" field="name" value={name} onInput={setName} autoFocus />
        <ListField label="Members" field="members" values={members} onChange={setMembers} suggestions={users} />
        <TextField label="Comment" field="comment" value={comment} onInput={setComment} />
      </Form>
    </Dialog>
  );
}
