import { once } from 'node:events';
import { WebSocket } from 'ws';
import { GradeEvent, LabDetail, LabSummary, Problem } from '../../protocol/api.ts';
import type { LabId } from '../../protocol/ids.ts';
import { TERMINAL_KEYS_BYTES, TerminalServerFrame } from '../../protocol/terminal.ts';

/** Speaks to a server as the page and the CLI do; for journeys. */
export class ApiClient {
  readonly #origin: string;
  readonly #token: string;

  constructor(server: { origin: string; token: string }) {
    this.#origin = server.origin;
    this.#token = server.token;
  }

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { authorization: `Bearer ${this.#token}`, ...(init.headers as Record<string, string> | undefined) };
    return fetch(`${this.#origin}${path}`, { ...init, headers });
  }

  async problem(path: string, init: RequestInit = {}): Promise<Problem> {
    const response = await this.fetch(path, init);
    return Problem.parse(await response.json());
  }

  async create(scenario = 'breach'): Promise<LabSummary> {
    const body = JSON.stringify({ scenario });
    const response = await this.fetch('/api/labs', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    });
    return LabSummary.parse(await response.json());
  }

  async lab(id: LabId): Promise<LabDetail> {
    return LabDetail.parse(await (await this.fetch(`/api/labs/${id}`)).json());
  }

  /** Polls, as the page does, until the lab is in that state. */
  async until(id: LabId, state: LabSummary['status']['state']): Promise<LabDetail> {
    for (;;) {
      const lab = await this.lab(id);
      if (lab.status.state === state) return lab;
    }
  }

  async ready(): Promise<LabDetail> {
    return await this.until((await this.create()).id, 'ready');
  }

  async check(id: LabId, query = ''): Promise<GradeEvent[]> {
    const response = await this.fetch(`/api/labs/${id}/checks${query}`, { method: 'POST' });
    const lines = (await response.text()).trim().split('\n');
    return lines.map((line) => GradeEvent.parse(JSON.parse(line)));
  }

  async terminal(id: LabId, options: TerminalOptions = {}): Promise<TerminalClient> {
    const {
      terminal = 'one',
      host = 'workstation',
      cols = 80,
      rows = 24,
      acks = true,
      autoPong = true,
      headers,
    } = options;
    const url = `${this.#origin.replace('http', 'ws')}/api/labs/${id}/terminals/${host}/${terminal}?cols=${cols}&rows=${rows}`;
    const socket = new WebSocket(url, { headers: headers ?? { authorization: `Bearer ${this.#token}` }, autoPong });
    const client = new TerminalClient(socket, acks);
    await once(socket, 'open');
    return client;
  }
}

export interface TerminalOptions {
  readonly terminal?: string;
  readonly host?: string;
  readonly cols?: number;
  readonly rows?: number;
  /** Whether output is acknowledged as it comes. */
  readonly acks?: boolean;
  /** Whether pings are answered. */
  readonly autoPong?: boolean;
  readonly headers?: Record<string, string>;
}

/** One socket of a terminal, with everything that came over it. */
export class TerminalClient {
  readonly socket: WebSocket;
  readonly frames: TerminalServerFrame[] = [];
  readonly closed: Promise<number>;
  bytes = 0;
  /** The last 64 KB of output. */
  text = '';
  #changed = Promise.withResolvers<void>();

  constructor(socket: WebSocket, acks: boolean) {
    this.socket = socket;
    const closed = Promise.withResolvers<number>();
    this.closed = closed.promise;
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) {
        this.bytes += data.length;
        this.text = (this.text + data.toString('latin1')).slice(-64 * 1024);
        if (acks) this.tell({ type: 'ack', bytes: data.length });
      } else {
        this.frames.push(TerminalServerFrame.parse(JSON.parse(data.toString('utf8'))));
      }
      this.#change();
    });
    socket.on('close', (code) => {
      closed.resolve(code);
      this.#change();
    });
  }

  type(keys: string | Uint8Array): void {
    const bytes = Buffer.from(keys);
    for (let at = 0; at < bytes.length; at += TERMINAL_KEYS_BYTES) {
      this.socket.send(bytes.subarray(at, at + TERMINAL_KEYS_BYTES), { binary: true });
    }
  }

  tell(frame: unknown): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }

  /** Resolves once the condition holds; looks whenever something came. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await this.#changed.promise;
  }

  sees(text: string): Promise<void> {
    return this.until(() => this.text.includes(text));
  }

  async leave(): Promise<void> {
    this.socket.close();
    await this.closed;
  }

  #change(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }
}
