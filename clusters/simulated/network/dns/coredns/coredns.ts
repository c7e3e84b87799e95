import type { Duplex } from 'node:stream';
import type { Model, ModelContext, ModelledServer } from '../../../images/models/model.ts';
import { answerMessages } from '../dns-server.ts';
import { CODE, type Question, readQuestion, TYPE, writeAnswer } from '../message.ts';
import { answerQuestion, serverFor } from './answer-question.ts';
import { askForward } from './ask-forward.ts';
import { CorefileError, parseCorefile } from './corefile.ts';
import { type ServerConfig, serverConfig } from './server-config.ts';
import { StatusPages } from './status-pages.ts';

/** How often the plugin reload looks at the Corefile, as it does unless told. */
const RELOAD_MS = 30_000;

/** Who asks. */
export interface Asker {
  readonly address: string;
  readonly port: number;
  readonly over: 'udp' | 'tcp';
}

/**
 * CoreDNS by the Corefile that its container has: answers for the zones that it serves, tells how it is where it is told to, or says what is
 * wrong with the Corefile and exits with 1 (https://coredns.io/manual/toc/).
 */
export const coredns: Model = async (context) => {
  const { argv, log, tag } = context;
  const at = argv.indexOf('-conf');
  const path = at < 0 ? 'Corefile' : (argv[at + 1] ?? '');
  let text = await textOf(path, context);
  let servers: readonly ServerConfig[];
  try {
    servers = await load(text, path, context);
  } catch (error) {
    if (!(error instanceof CorefileError)) throw error;
    log(error.message);
    return { exitCode: 1 };
  }
  greet(servers, context);
  log(`CoreDNS-${tag.replace(/^v/, '')}`);
  let timer: Disposable | undefined;
  const look = async (): Promise<void> => {
    const now = await textOf(path, context);
    if (now !== undefined && now !== text) {
      text = now;
      try {
        log('[INFO] Reloading');
        servers = await load(now, path, context);
        greet(servers, context);
        log('[INFO] Reloading complete');
      } catch (error) {
        // It goes on with the Corefile of before.
        log(`[ERROR] Restart failed: ${error instanceof Error ? error.message : String(error)}`);
        log(
          `[ERROR] plugin/reload: Corefile changed but reload failed: starting with listener file descriptors: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
    }
    watch();
  };
  const watch = (): void => {
    timer = servers.some(({ reloads }) => reloads) ? context.after(RELOAD_MS, () => void look()) : undefined;
  };
  watch();
  return {
    server: serving(
      () => servers,
      context,
      () => timer?.[Symbol.dispose](),
    ),
  };
};

async function textOf(path: string, { files }: ModelContext): Promise<string | undefined> {
  const bytes = await files.read(path.startsWith('/') ? path : `/${path}`);
  return bytes?.toString();
}

/** Throws `CorefileError`. */
async function load(
  text: string | undefined,
  path: string,
  { env, files }: ModelContext,
): Promise<readonly ServerConfig[]> {
  if (text === undefined)
    throw new CorefileError(`loading Caddyfile via flag: open ${path}: no such file or directory`);
  const servers: ServerConfig[] = [];
  for (const block of parseCorefile(text, path, env)) {
    const server = serverConfig(block, path);
    const forwards = [];
    for (const { zone, to } of server.forwards) {
      const addresses = [];
      for (const one of to)
        addresses.push(...(one.startsWith('/') ? nameservers(String((await files.read(one)) ?? '')) : [one]));
      forwards.push({ zone, to: addresses });
    }
    servers.push({ ...server, forwards });
  }
  const seen = new Set<string>();
  for (const { zones, port, forwards, findsLoops } of servers) {
    for (const zone of zones) {
      const key = `dns://${zone}.:${port}`;
      if (seen.has(key)) throw new CorefileError(`cannot serve ${key} - it is already defined`);
      seen.add(key);
    }
    if (findsLoops && port === 53 && forwards.some(({ to }) => to.some((one) => one.startsWith('127.'))))
      throw new CorefileError(
        `[FATAL] plugin/loop: Loop (127.0.0.1:53 -> :53) detected for zone "${zones[0] ?? ''}.", see https://coredns.io/plugins/loop#troubleshooting.`,
      );
  }
  return servers;
}

const nameservers = (resolvConf: string): readonly string[] =>
  [...resolvConf.matchAll(/^nameserver[ \t]+(\d{1,3}(?:\.\d{1,3}){3})[ \t]*$/gm)].flatMap(
    ([, address]) => address ?? [],
  );

function greet(servers: readonly ServerConfig[], { log }: ModelContext): void {
  for (const { zones, port, unmodelled } of servers) {
    for (const zone of zones) log(`${zone}.:${port}`);
    for (const name of unmodelled) log(`not simulated: the plugin ${name} has no effect here`);
  }
}

function serving(servers: () => readonly ServerConfig[], context: ModelContext, end: () => void): ModelledServer {
  let web: StatusPages | undefined; // made for who asks
  const answer = async (port: number, message: Buffer, from: Asker): Promise<Buffer | undefined> => {
    const question = readQuestion(message);
    const fitting = servers().filter((server) => server.port === port);
    if (question === undefined || fitting.length === 0) return undefined;
    const server = serverFor(question.name, fitting);
    const { bytes, code } =
      server === undefined
        ? { bytes: writeAnswer(question, { code: CODE.refused, records: [] }), code: CODE.refused }
        : await reply(question, message, server, from, context);
    if (server?.logs === true) context.log(queryLine(question, message, bytes, code, from));
    return bytes;
  };
  return {
    get listens() {
      const all = servers().flatMap(({ port, health, ready, metrics }) => [port, health, ready, metrics]);
      return [...new Set(all.filter((port) => port !== undefined))];
    },
    get hears() {
      return [...new Set(servers().map(({ port }) => port))];
    },
    accept(port: number, socket: Duplex) {
      if (servers().some((server) => server.port === port)) {
        const { remoteAddress = '127.0.0.1', remotePort = 0 } = socket as Duplex & {
          remoteAddress?: string;
          remotePort?: number;
        };
        answerMessages(socket, (message) =>
          answer(port, message, { address: remoteAddress, port: remotePort, over: 'tcp' }),
        );
        return;
      }
      web ??= new StatusPages(servers);
      web.accept(port, socket);
    },
    answer: (port, message, from) => answer(port, message, { ...from, over: 'udp' }),
    [Symbol.dispose]() {
      end();
      web?.[Symbol.dispose]();
    },
  };
}

async function reply(
  question: Question,
  message: Buffer,
  server: ServerConfig,
  { over }: Asker,
  { objects, dial, log }: ModelContext,
): Promise<{ readonly bytes: Buffer; readonly code: number }> {
  const found = answerQuestion(question, server, objects);
  const kind = over === 'tcp' ? 'TCP' : 'UDP';
  if (!('ask' in found)) return { bytes: writeAnswer(question, found, kind), code: found.code };
  const asked = await askForward(message, found.ask, dial);
  if (Buffer.isBuffer(asked)) return { bytes: asked, code: asked.readUInt8(3) & 15 };
  if (server.tellsErrors) log(`[ERROR] plugin/errors: 2 ${question.name}. ${typeName(question.type)}: ${asked.failed}`);
  return { bytes: writeAnswer(question, { code: CODE.failure, records: [] }, kind), code: CODE.failure };
}

const typeName = (type: number): string => Object.entries(TYPE).find(([, one]) => one === type)?.[0] ?? `TYPE${type}`;

const CODES: Readonly<Record<number, string>> = { 0: 'NOERROR', 2: 'SERVFAIL', 3: 'NXDOMAIN', 5: 'REFUSED' };

/** As the plugin log writes it (plugin/log, `common`), but for how long it took: a lab's time is its model's. */
function queryLine({ id, name, type }: Question, message: Buffer, bytes: Buffer, code: number, from: Asker): string {
  const asked = `${typeName(type)} IN ${name}. ${from.over} ${message.length} false ${from.over === 'udp' ? 512 : 65_535}`;
  return `[INFO] ${from.address}:${from.port} - ${id} "${asked}" ${CODES[code] ?? code} qr,aa,rd ${bytes.length} 0s`;
}
