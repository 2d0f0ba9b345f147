// One device: its sessions, whose it is, and what may be done to it.
import { useState } from "preact/hooks";

import { part, patch } from "../api/client";
import { useLive } from "../api/live";
import { useNames } from "../api/names";
import { isAdmin } from "../api/session";
import type { Device, DeviceSession } from "../api/types";
import { dateTime, duration, milliseconds, relative, share } from "../format";
import { Card, Chips, Facts, PageHead } from "../ui/page";
import { go, linkTo } from "../router";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { Form, ListField, TextField } from "../ui/form";
import { Empty, Loading, ProblemNotice } from "../ui/notice";
import { type Column, Table } from "../ui/table";
import { askToDeleteDevice, askToRestore, askToRevoke } from "./device-actions";
import { Addresses, DeviceState } from "./devices";

const EVERY_MS = 5000;

const SESSION_COLUMNS: Column<DeviceSession>[] = [
  { title: "From", isName: true, cell: (session) => <code>{session.peer}</code> },
  { title: "RTT", isNumber: true, cell: (session) => milliseconds(session.rtt_ms) },
  { title: "Loss", isNumber: true, cell: (session) => share(session.loss) },
  { title: "Datagrams sent", isNumber: true, cell: (session) => session.datagrams_sent },
  { title: "MTU", isNumber: true, cell: (session) => session.mtu },
  { title: "Age", isNumber: true, cell: (session) => duration(session.age_ms) },
];

export function DevicePage({ name }: { name: string }) {
  const device = useLive<Device>(`/devices/${part(name)}`, { on: ["device."], everyMs: EVERY_MS });
  const [isEditing, setEditing] = useState(false);
  const up = <a href={linkTo("devices")}>Devices</a>;
  const data = device.data;
  if (data === null) {
    return (
      <>
        <PageHead above={up} title={name} />
        {device.isLoading ? <Loading /> : <ProblemNotice problem={device.problem} onRetry={device.reload} />}
      </>
    );
  }
  const isClient = data.kind === "enrolled";
  return (
    <>
      <PageHead above={up} title={data.name} about={<DeviceState device={data} />}>
        <a class="button plain" href={`${linkTo("path")}?from=${encodeURIComponent(data.name)}`}>
          Path from here
        </a>
        {isAdmin.value && isClient && (
          <>
            <Button icon="edit" onClick={() => setEditing(true)}>
              Edit
            </Button>
            {data.revoked ? (
              <>
                <Button icon="restore" onClick={() => askToRestore(data)}>
                  Restore
                </Button>
                <Button icon="trash" kind="danger" onClick={() => askToDeleteDevice(data)}>
                  Delete
                </Button>
              </>
            ) : (
              <Button icon="ban" kind="danger" onClick={() => askToRevoke(data)}>
                Revoke
              </Button>
            )}
          </>
        )}
      </PageHead>
      <ProblemNotice problem={device.problem} onRetry={device.reload} />
      <Card>
        <Facts
          facts={[
            ["User", data.user ?? "nobody"],
            ["Groups", <Chips values={data.groups} />],
            ["Tags", <Chips values={data.tags} />],
            ["Addresses", <Addresses addresses={data.addresses} />],
            ["Network", data.vnet],
            ["Last seen", data.online ? "now" : isClient ? relative(data.last_seen) : "–"],
            [isClient ? "Enrolled" : "Made", dateTime(data.created)],
          ]}
        />
        {!isClient && <p class="hint">This is a way into the edge itself: its configuration says what it is called and whose it is.</p>}
      </Card>
      <Card title="Sessions">
        {data.sessions.length === 0 ? (
          <Empty title={isClient ? "No session now." : "It needs none."} />
        ) : (
          <Table caption={`Sessions of ${data.name}`} columns={SESSION_COLUMNS} rows={data.sessions} keyOf={(session) => session.peer} />
        )}
      </Card>
      {isEditing && <EditDialog device={data} onClose={() => setEditing(false)} />}
    </>
  );
}

function EditDialog({ device, onClose }: { device: Device; onClose: () => void }) {
  const users = useNames("users");
  const vnets = useNames("vnets");
  const [name, setName] = useState(device.name);
  const [user, setUser] = useState(device.user ?? "");
  const [tags, setTags] = useState(device.tags);
  const [vnet, setVnet] = useState(device.vnet);
  const save = async () => {
    await patch(`/devices/${device.id}`, { name: name.trim(), user: user.trim() || null, tags, vnet: vnet.trim() });
    onClose();
    if (name.trim() !== device.name) go(linkTo("devices", name.trim()));
  };
  return (
    <Dialog title={`Edit device ${device.name}`} onClose={onClose}>
      <Form fields={["name", "user", "tags", "vnet"]} submit="Save" onSubmit={save} onCancel={onClose}>
        <TextField label="Name" field="name" value={name} onInput={setName} autoFocus />
        <TextField label="User" field="user" value={user} onInput={setUser} suggestions={users} hint="Empty: nobody’s." />
        <ListField label="Tags" field="tags" values={tags} onChange={setTags} />
        <TextField label="Virtual network" field="vnet" value={vnet} onInput={setVnet} suggestions={vnets} />
      </Form>
    </Dialog>
  );
}
