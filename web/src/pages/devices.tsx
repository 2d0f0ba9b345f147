// Devices: who sends packets, and the keys by which new ones come.
import { useState } from "preact/hooks";

import { post } from "../api/client";
import { deviceCommand } from "../api/connector-command";
import { useLive } from "../api/live";
import { useNames } from "../api/names";
import { isAdmin } from "../api/session";
import type { Device, EdgeStatus, EnrolmentKey } from "../api/types";
import { dateTime, milliseconds, plural, relative } from "../format";
import { Card, Chips, PageHead } from "../ui/page";
import { linkTo } from "../router";
import { Button, IconButton } from "../ui/button";
import { confirm, Dialog } from "../ui/dialog";
import { CheckField, Form, ListField, SelectField, TextField } from "../ui/form";
import { done, Empty, Loading, ProblemNotice } from "../ui/notice";
import { Pager, usePages } from "../ui/pages";
import { Command, Secret } from "../ui/secret";
import { Status, StatusWord } from "../ui/status";
import { type Column, Table } from "../ui/table";
import { askToRestore, askToRevoke } from "./device-actions";
import { inTime, LIFETIMES, type Lifetime } from "./lifetimes";

const EVERY_MS = 10_000;

export function DeviceState({ device }: { device: Device }) {
  if (device.revoked) return <Status tone="bad">revoked</Status>;
  if (device.kind === "ingress") return <Status tone="good">the edge’s own way in</Status>;
  return device.online ? <Status tone="good">online</Status> : <Status tone="off">offline</Status>;
}

function columns(): Column<Device>[] {
  return [
    {
      title: "Name",
      isName: true,
      cell: (device) => <a href={linkTo("devices", device.name)}>{device.name}</a>,
    },
    { title: "State", cell: (device) => <DeviceState device={device} /> },
    { title: "User", cell: (device) => device.user ?? <span class="soft">nobody</span> },
    { title: "Tags", cell: (device) => <Chips values={device.tags} most={3} /> },
    { title: "Addresses", cell: (device) => <Addresses addresses={device.addresses} />, isWide: true },
    { title: "RTT", isNumber: true, cell: (device) => milliseconds(device.sessions[0]?.rtt_ms) },
    { title: "Last seen", cell: (device) => (device.online ? "now" : device.kind === "ingress" ? "–" : relative(device.last_seen)) },
    ...(isAdmin.value
      ? [
          {
            title: "Actions",
            isActions: true,
            cell: (device: Device) =>
              device.kind === "enrolled" &&
              (device.revoked ? (
                <IconButton icon="restore" label={`Restore device ${device.name}`} onClick={() => askToRestore(device)} />
              ) : (
                <IconButton icon="ban" kind="danger" label={`Revoke device ${device.name}`} onClick={() => askToRevoke(device)} />
              )),
          },
        ]
      : []),
  ];
}

export function Addresses({ addresses }: { addresses: readonly string[] }) {
  if (addresses.length === 0) return <span class="soft">any</span>;
  return (
    <span class="addresses">
      {addresses.map((address) => (
        <code key={address}>{address}</code>
      ))}
    </span>
  );
}

export function DevicesPage() {
  const devices = usePages<Device>("/devices", {}, { on: ["device."], everyMs: EVERY_MS });
  const total = useLive<EdgeStatus>("/status", { on: ["device."] }).data?.devices;
  return (
    <>
      <PageHead title="Devices" about="Clients that enrolled, and the edge’s own ways in. Policies speak of them and of their users." />
      <ProblemNotice problem={devices.problem} onRetry={devices.reload} />
      {devices.isLoading ? (
        <Loading />
      ) : devices.items.length === 0 && devices.problem === null ? (
        <Empty title="No device yet.">
          <p>A device enrols with a key: make one below, and use it on the device.</p>
        </Empty>
      ) : (
        <Card>
          <Table caption="Devices" columns={columns()} rows={devices.items} keyOf={(device) => device.id} />
          <Pager pages={devices} what="devices" total={total} />
        </Card>
      )}
      <Keys />
    </>
  );
}

function Keys() {
  const [isMaking, setMaking] = useState(false);
  const keys = usePages<EnrolmentKey>("/keys", {}, { on: ["key.", "device.enrol"], size: 50 });
  const keyColumns: Column<EnrolmentKey>[] = [
    { title: "Name", isName: true, cell: (key) => key.name },
    { title: "State", cell: (key) => <StatusWord word={key.state} /> },
    { title: "Good for", cell: (key) => (key.reusable ? "many devices" : "one device") },
    { title: "Uses", isNumber: true, cell: (key) => key.uses },
    { title: "User", cell: (key) => key.user ?? <span class="soft">nobody</span> },
    { title: "Tags", cell: (key) => <Chips values={key.tags} /> },
    { title: "Expires", isWide: true, cell: (key) => (key.expires ? dateTime(key.expires) : "never") },
    {
      title: "Actions",
      isActions: true,
      cell: (key) =>
        isAdmin.value &&
        key.state === "valid" && (
          <IconButton
            icon="ban"
            kind="danger"
            label={`Revoke key ${key.name}`}
            onClick={() =>
              confirm({
                title: `Revoke key ${key.name}?`,
                text: <p>No device can enrol with it any more. The {plural(key.uses, "device")} that did stay as they are.</p>,
                action: "Revoke the key",
                run: async () => {
                  await post(`/keys/${key.id}/revoke`);
                  done(`Key ${key.name} is revoked.`);
                },
              })
            }
          />
        ),
    },
  ];
  return (
    <Card
      title="Enrolment keys"
      actions={
        isAdmin.value && (
          <Button icon="plus" onClick={() => setMaking(true)}>
            Create a key
          </Button>
        )
      }
    >
      <ProblemNotice problem={keys.problem} onRetry={keys.reload} />
      {keys.items.length === 0 ? (
        !keys.isLoading && <Empty title="No key yet." />
      ) : (
        <Table caption="Enrolment keys" columns={keyColumns} rows={keys.items} keyOf={(key) => key.id} />
      )}
      <Pager pages={keys} what="keys" />
      {isMaking && <KeyDialog onClose={() => setMaking(false)} />}
    </Card>
  );
}

function KeyDialog({ onClose }: { onClose: () => void }) {
  const users = useNames("users");
  const status = useLive<EdgeStatus>("/status").data;
  const [name, setName] = useState("");
  const [user, setUser] = useState("");
  const [tags, setTags] = useState<string[]>([]);
  const [isReusable, setReusable] = useState(false);
  const [lifetime, setLifetime] = useState<Lifetime>("day");
  const [made, setMade] = useState<(EnrolmentKey & { key: string }) | null>(null);
  const create = async () => {
    const expires = inTime(lifetime);
    setMade(
      await post<EnrolmentKey & { key: string }>("/keys", {
        ...(name.trim() ? { name: name.trim() } : {}),
        ...(user.trim() ? { user: user.trim() } : {}),
        ...(expires ? { expires } : {}),
        tags,
        reusable: isReusable,
      }),
    );
  };
  if (made !== null) {
    return (
      <Dialog title={`Key ${made.name} is made`} isWide onClose={onClose}>
        <ol class="steps">
          <li>
            <h3>Take the key to the device</h3>
            <Secret what="the key" value={made.key} fileName={`${made.name}.key`} />
          </li>
          <li>
            <h3>Enrol there</h3>
            {status && <Command text={deviceCommand(made.name, status.listen, location.hostname)} what="the device’s command" />}
          </li>
        </ol>
        <div class="dialog-actions">
          <Button kind="primary" onClick={onClose}>
            I have the key
          </Button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title="Create an enrolment key" onClose={onClose}>
      <Form fields={["name", "user", "tags", "expires"]} submit="Create" onSubmit={create} onCancel={onClose}>
        <TextField label="Name" field="name" value={name} onInput={setName} hint="A number if there is none." autoFocus />
        <TextField label="User" field="user" value={user} onInput={setUser} suggestions={users} hint="Whose the device will be." />
        <ListField label="Tags" field="tags" values={tags} onChange={setTags} hint="What policies may call it by." />
        <SelectField label="Good for" field="expires" value={lifetime} onChange={setLifetime} options={LIFETIMES} />
        <CheckField label="For many devices" checked={isReusable} onChange={setReusable} hint="Otherwise the first device uses it up." />
      </Form>
    </Dialog>
  );
}
