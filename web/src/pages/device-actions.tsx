// What can be done to a device, after a question.
import { post, remove } from "../api/client";
import type { Device } from "../api/types";
import { plural } from "../format";
import { go, linkTo } from "../router";
import { confirm } from "../ui/dialog";
import { done } from "../ui/notice";

export function askToRevoke(device: Device): void {
  confirm({
    title: `Revoke device ${device.name}?`,
    text: (
      <ul>
        <li>Nothing of it is carried any more, from now on.</li>
        {device.sessions.length > 0 && <li>{plural(device.sessions.length, "session")} will end.</li>}
        <li>It can be restored.</li>
      </ul>
    ),
    action: "Revoke the device",
    run: async () => {
      await post(`/devices/${device.id}/revoke`);
      done(`Device ${device.name} is revoked.`);
    },
  });
}

export function askToRestore(device: Device): void {
  confirm({
    title: `Restore device ${device.name}?`,
    text: <p>It may connect again with the certificate that it has, and policies speak of it as before.</p>,
    action: "Restore the device",
    kind: "primary",
    run: async () => {
      await post(`/devices/${device.id}/restore`);
      done(`Device ${device.name} is restored.`);
    },
  });
}

export function askToDeleteDevice(device: Device): void {
  confirm({
    title: `Delete device ${device.name}?`,
    text: <p>Its name and addresses become free. To come back it must enrol again.</p>,
    action: "Delete the device",
    run: async () => {
      await remove(`/devices/${device.id}`);
      done(`Device ${device.name} is deleted.`);
      go(linkTo("devices"));
    },
  });
}
