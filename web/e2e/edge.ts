// A real edge on loopback, asked by its Unix socket as an administrator asks; and connectors for it.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const ONEPING = resolve(process.env["ONEPING_BIN"] ?? "../build/release/oneping");

async function freeUdpPort(): Promise<number> {
  const socket = createSocket("udp4");
  await new Promise<void>((done) => socket.bind(0, "127.0.0.1", done));
  const { port } = socket.address();
  await new Promise<void>((done) => socket.close(done));
  return port;
}

// By SIGTERM, and if that does not help within ten seconds by SIGKILL.
async function stop(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return;
  const ended = new Promise<void>((done) => process.once("exit", () => done()));
  process.kill("SIGTERM");
  const late = setTimeout(() => process.kill("SIGKILL"), 10_000);
  await ended;
  clearTimeout(late);
}

export async function until(what: string, holds: () => Promise<boolean> | boolean, seconds = 15): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`it does not come: ${what}`);
    await sleep(20);
  }
}

export class Edge {
  readonly folder = mkdtempSync(join(tmpdir(), "oneping-web-"));
  readonly socket = join(this.folder, "api.sock");
  port = 0;
  address = ""; // of the dashboard
  private process: ChildProcess | null = null;
  private apiPort = 0;
  private connectors = new Set<ChildProcess>();

  async start(): Promise<void> {
    this.port ||= await freeUdpPort();
    const log = openSync(join(this.folder, "log"), "a");
    this.process = spawn(
      ONEPING,
      [
        ...["edge", "run", "--name", "fra1", "--listen", `127.0.0.1:${this.port}`, "--state", join(this.folder, "state")],
        ...["--api-socket", this.socket, "--api-listen", `127.0.0.1:${this.apiPort}`],
        ...["--admin", "none", "--flow-log-file", "none"],
      ],
      { stdio: ["ignore", log, log] },
    );
    await until("the edge", async () => {
      if (this.process!.exitCode !== null) throw new Error(readFileSync(join(this.folder, "log"), "utf8"));
      return existsSync(this.socket) && (await this.ask("GET", "/status").then(() => true, () => false));
    });
    const link = await this.ask<{ address: string }>("POST", "/session/link", {});
    this.address = link.address;
    this.apiPort = Number(new URL(this.address).port); // the same after a restart
  }

  async stop(): Promise<void> {
    for (const connector of this.connectors) await stop(connector);
    if (this.process) await stop(this.process);
    this.process = null;
  }

  async end(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async restart(): Promise<void> {
    if (this.process) await stop(this.process);
    await this.start();
  }

  // What must succeed.
  ask<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
    return new Promise((done, fail) => {
      const asked = request(
        {
          socketPath: this.socket,
          agent: false, // a connection for each: the edge may be another one by the next
          path: `/api/v1${path}`,
          method,
          headers: body === undefined ? {} : { "Content-Type": "application/json" },
        },
        (response) => {
          let text = "";
          response.setEncoding("utf8");
          response.on("data", (piece: string) => (text += piece));
          response.on("end", () => {
            if ((response.statusCode ?? 500) >= 300) fail(new Error(`${method} ${path}: ${response.statusCode} ${text}`));
            else done((text === "" ? undefined : JSON.parse(text)) as T);
          });
        },
      );
      asked.on("error", fail);
      asked.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  token(name: string, role: "read" | "admin" = "admin"): Promise<string> {
    return this.ask<{ token: string }>("POST", "/api-tokens", { name, role }).then((made) => made.token);
  }

  // What `oneping edge dashboard` prints.
  link(...words: string[]): string {
    return execFileSync(ONEPING, ["edge", "dashboard", "--api", this.socket, ...words], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  }

  // A connector started as the dashboard says: its words behind the program's name, in a folder with
  // the token's file.
  connect(command: string, tokenFile: string, token: string): () => Promise<void> {
    writeFileSync(join(this.folder, tokenFile), `${token}\n`, { mode: 0o600 });
    const words = command.trim().split(/\s+/).slice(1);
    const log = openSync(join(this.folder, "connector.log"), "a");
    const connector = spawn(ONEPING, [...words, "--admin", "none", "--connections", "2"], {
      cwd: this.folder,
      stdio: ["ignore", log, log],
    });
    this.connectors.add(connector);
    return async () => {
      await stop(connector);
      this.connectors.delete(connector);
    };
  }

  // Written into the store while the edge does not run: devices as if they had enrolled, and more
  // routes into one tunnel than anybody wants to ask for one by one.
  async with(things: {
    devices?: readonly { name: string; addresses: readonly string[]; user?: string; tags?: readonly string[] }[];
    tunnel?: string;
    prefixes?: readonly string[];
  }): Promise<void> {
    await this.stop();
    execFileSync("/usr/bin/python3", ["-c", ADD, join(this.folder, "state/control.db")], { input: JSON.stringify(things) });
    await this.start();
  }
}

const ADD = `
import json, os, sqlite3, sys
store = sqlite3.connect(sys.argv[1])
things = json.load(sys.stdin)
(last,) = store.execute("SELECT last_id FROM meta").fetchone()
for prefix in things.get("prefixes", []):
    last += 1
    store.execute(
        "INSERT INTO routes SELECT ?, ?, 1, id, '', 1795000000000 FROM tunnels WHERE name = ?",
        (last, prefix, things["tunnel"]))
for device in things.get("devices", []):
    last += 1
    user = store.execute("SELECT id FROM users WHERE name = ?", (device.get("user"),)).fetchone()
    store.execute(
        "INSERT INTO devices (id, name, kind, user_id, vnet, key_pin, revoked, created, last_seen)"
        " VALUES (?, ?, 'enrolled', ?, 1, ?, 0, 1795000000000, NULL)",
        (last, device["name"], user and user[0], os.urandom(32)))
    for place, address in enumerate(device["addresses"]):
        store.execute("INSERT INTO device_addresses VALUES (?, ?, ?)", (last, place, address))
    for place, tag in enumerate(device.get("tags", [])):
        store.execute("INSERT INTO device_tags VALUES (?, ?, ?)", (last, place, tag))
store.execute("UPDATE meta SET last_id = ?", (last,))
store.commit()
`;
