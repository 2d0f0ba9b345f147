// How a connector, or a device, is told where the edge is.

// The address in "0.0.0.0:7844" or "[::]:7844" says only which port: from elsewhere the edge is
// where the page came from.
export function edgeAddress(listen: readonly string[], host: string): string {
  const first = listen[0] ?? ":7844";
  const port = first.slice(first.lastIndexOf(":") + 1);
  const address = first.slice(0, first.lastIndexOf(":"));
  return address === "0.0.0.0" || address === "[::]" || address === "" ? `${host}:${port}` : first;
}

export function connectorCommand(tunnel: string, listen: readonly string[], host: string): string {
  return `oneping connector run --token-file ${tunnel}.token --edge ${edgeAddress(listen, host)}`;
}

export function deviceCommand(keyName: string, listen: readonly string[], host: string): string {
  return `oneping device enroll --edge ${edgeAddress(listen, host)} --key-file ${keyName}.key`;
}
