import { parseAllDocuments } from 'yaml';
import type { Lab } from '../../clusters/cluster.ts';
import type { Probe } from '../../protocol/scenario.ts';
import { parseIni } from './ini.ts';
import { messageOf, type Observation, observed, unobservable } from './observation.ts';

const FILE_BYTES = 1024 * 1024;

/**
 * Reads a file of a host.
 * Fact: `{ exists: false }`, or `{ exists: true, mode, text }` for `text`, or `{ exists: true, mode, valid, data }` for the others, where
 * `data` is null unless `valid`. `mode` is a number (0o600 is 384). YAML of several documents is a list of them; ini: see `parseIni`.
 */
export async function observeFile(
  probe: Extract<Probe, { kind: 'file' }>,
  lab: Lab,
  signal: AbortSignal,
): Promise<Observation> {
  const what = `${probe.host}:${probe.path}`;
  const read = await (await lab.host(probe.host)).readFile(probe.path, { maxBytes: FILE_BYTES });
  signal.throwIfAborted();
  if (read.outcome === 'absent') return observed({ exists: false }, `${what} does not exist`);
  if (read.outcome === 'refused') return unobservable(`${what} could not be read: ${read.reason}`);
  if (read.truncated) return unobservable(`${what} is larger than ${FILE_BYTES} bytes`);
  const text = read.content.toString('utf8');
  const mode = read.mode & 0o7777;
  const evidence = `${what} (mode ${mode.toString(8)})`;
  if (probe.format === 'text') return observed({ exists: true, mode, text }, `${evidence}\n${text}`);
  try {
    return observed({ exists: true, mode, valid: true, data: parseAs(probe.format, text) }, evidence);
  } catch (error) {
    return observed(
      { exists: true, mode, valid: false, data: null },
      `${evidence} is no ${probe.format}: ${messageOf(error)}`,
    );
  }
}

function parseAs(format: 'yaml' | 'json' | 'ini', text: string): unknown {
  switch (format) {
    case 'json':
      return JSON.parse(text) as unknown;
    case 'ini':
      return parseIni(text);
    case 'yaml': {
      const documents = parseAllDocuments(text).map((document) => {
        const [error] = document.errors;
        if (error !== undefined) throw error;
        return document.toJS({ maxAliasCount: 100 }) as unknown; // a learner's file may hold a "billion laughs"
      });
      return documents.length === 1 ? documents[0] : documents;
    }
    default:
      return format satisfies never;
  }
}
