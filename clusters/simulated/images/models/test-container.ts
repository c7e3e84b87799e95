import type { Duplex } from 'node:stream';
import { duplexPair } from 'node:stream';
import { NO_CLUSTER } from '../../network/dns/cluster-names.ts';
import type { Model, ModelContext, ModelledServer } from './model.ts';

/** For tests: a modelled program in a container of these files. */

export interface TestContainer {
  readonly server: ModelledServer | undefined;
  readonly exitCode: number | undefined;
  readonly log: readonly string[];
  connect(port: number): Duplex;
  /** Sends that text and gives what comes back, once `until` matches it or the connection ends. */
  say(port: number, text: string, until?: RegExp): Promise<string>;
}

export async function testContainer(
  model: Model,
  files: Readonly<Record<string, string>>,
  more: Partial<ModelContext> = {},
): Promise<TestContainer> {
  const log: string[] = [];
  const started = await model({
    tag: 'latest',
    argv: [],
    env: {},
    files: {
      read: (path) => Promise.resolve(files[path] === undefined ? undefined : Buffer.from(files[path])),
      list(folder) {
        const below = Object.keys(files).filter((path) => path.startsWith(`${folder}/`));
        return Promise.resolve([...new Set(below.map((path) => path.slice(folder.length + 1).split('/')[0] ?? ''))]);
      },
      refusal: () => undefined,
    },
    uid: 0,
    now: () => Date.parse('2026-01-02T03:04:05Z'),
    after: () => ({ [Symbol.dispose]: () => undefined }),
    objects: NO_CLUSTER,
    log: (line) => void log.push(line),
    resolve: () => Promise.resolve(undefined),
    dial: () => Promise.resolve(undefined),
    ...more,
  });
  const server = 'server' in started ? started.server : undefined;
  const connect = (port: number): Duplex => {
    const [ours, theirs] = duplexPair();
    server?.accept(port, theirs);
    return ours;
  };
  return {
    server,
    exitCode: 'exitCode' in started ? started.exitCode : undefined,
    log,
    connect,
    say(port, text, until) {
      const connection = connect(port);
      return new Promise((resolve) => {
        let said = '';
        const end = (): void => {
          connection.destroy();
          resolve(said);
        };
        connection.on('data', (bytes: Buffer) => {
          said += bytes.toString('latin1');
          if (until?.test(said) === true) end();
        });
        connection.once('end', end);
        connection.once('close', end);
        connection.write(text, 'latin1');
      });
    },
  };
}
