// Dialogs that add and change routes.
import { useState } from "preact/hooks";

import { patch, post, remove } from "../api/client";
import { useNames } from "../api/names";
import type { Route } from "../api/types";
import { Dialog, confirm } from "../ui/dialog";
import { Form, TextField } from "../ui/form";
import { done } from "../ui/notice";

export function AddRouteDialog({ tunnel: given = "", prefix: wanted = "", onClose }: { tunnel?: string; prefix?: string; onClose: () => void }) {
  const tunnels = useNames("tunnels");
  const vnets = useNames("vnets");
  const [prefix, setPrefix] = useState(wanted);
  const [tunnel, setTunnel] = useState(given);
  const [vnet, setVnet] = useState("default");
  const [comment, setComment] = useState("");
  const add = async () => {
    const route = await post<Route>("/routes", {
      prefix: prefix.trim(),
      tunnel: tunnel.trim(),
      ...(vnet.trim() === "" ? {} : { vnet: vnet.trim() }),
      ...(comment ? { comment } : {}),
    });
    done(`${route.prefix} leads into ${route.tunnel}.`);
    onClose();
  };
  return (
    <Dialog title="Add a route" onClose={onClose}>
      <Form fields={["prefix", "tunnel", "vnet", "comment"]} submit="Add" onSubmit={add} onCancel={onClose}>
        <TextField
          label="Prefix"
          field="prefix"
          value={prefix}
          onInput={setPrefix}
          placeholder="10.1.0.0/16"
          hint="IPv4 or IPv6; an address alone is a host. The longest prefix wins."
          autoFocus
          isCode
        />
        <TextField label="Tunnel" field="tunnel" value={tunnel} onInput={setTunnel} suggestions={tunnels} />
        <TextField
          label="Virtual network"
          field="vnet"
          value={vnet}
          onInput={setVnet}
          suggestions={vnets}
          hint="Keeps equal prefixes apart; devices are in one of them."
        />
        <TextField label="Comment" field="comment" value={comment} onInput={setComment} />
      </Form>
    </Dialog>
  );
}

export function EditRouteDialog({ route, onClose }: { route: Route; onClose: () => void }) {
  const tunnels = useNames("tunnels");
  const [tunnel, setTunnel] = useState(route.tunnel);
  const [comment, setComment] = useState(route.comment);
  const save = async () => {
    await patch(`/routes/${route.id}`, { tunnel: tunnel.trim(), comment });
    onClose();
  };
  return (
    <Dialog title={`Change route ${route.prefix}`} onClose={onClose}>
      <Form fields={["tunnel", "comment"]} submit="Save" onSubmit={save} onCancel={onClose}>
        <TextField label="Tunnel" field="tunnel" value={tunnel} onInput={setTunnel} suggestions={tunnels} autoFocus />
        <TextField label="Comment" field="comment" value={comment} onInput={setComment} />
      </Form>
    </Dialog>
  );
}

export function askToDeleteRoute(route: Route): void {
  confirm({
    title: `Delete route ${route.prefix}?`,
    text: (
      <p>
        Packets to {route.prefix} no longer go into tunnel {route.tunnel}: a shorter prefix takes them, or the edge answers “net
        unreachable”.
      </p>
    ),
    action: "Delete the route",
    run: async () => {
      await remove(`/routes/${route.id}`);
      done(`Route ${route.prefix} is deleted.`);
    },
  });
}
