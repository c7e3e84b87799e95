import { posix } from 'node:path';
import { LineCounter, parseAllDocuments } from 'yaml';
import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import { readDocument } from '../host-documents.ts';

/** More than a lab has; what a learner puts into one folder or file does not occupy the server. */
export const MAX_FILES = 200;
const MAX_OBJECTS = 500;
const MAX_DEPTH = 8;
const MAX_ENTRIES = 3000;
/** A YAML alias stands for what it names so many times at most. */
const MAX_ALIASES = 100;

export type Json = Readonly<Record<string, unknown>>;

/** One object of a manifest file, as it was written: nothing of it is trusted. */
export interface ManifestObject {
  /** Absolute. */
  readonly path: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** Empty where it says none. */
  readonly namespace: string;
  readonly value: Json;
  /** Lines from 1, first and last, of what lies at a path in it; undefined where nothing does. */
  readonly linesOf: (keys: readonly (string | number)[]) => readonly [number, number] | undefined;
}

export type ParsedManifest =
  | { readonly outcome: 'parsed'; readonly objects: readonly ManifestObject[] }
  | { readonly outcome: 'broken'; readonly path: string; readonly reason: string };

/** Every object of a YAML or JSON text; documents that are no objects are left out. */
export function parseManifest(path: string, text: string): ParsedManifest {
  const counter = new LineCounter();
  const objects: ManifestObject[] = [];
  try {
    for (const document of parseAllDocuments(text, { lineCounter: counter, prettyErrors: false, logLevel: 'error' })) {
      const [problem] = document.errors;
      if (problem !== undefined) {
        const { line } = counter.linePos(problem.pos[0]);
        return { outcome: 'broken', path, reason: `yaml: line ${line}: ${problem.message.split('\n')[0]}` };
      }
      const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
      if (!isObject(value)) continue;
      if (objects.length >= MAX_OBJECTS) return { outcome: 'broken', path, reason: `more than ${MAX_OBJECTS} objects` };
      const metadata = objectAt(value, 'metadata');
      objects.push({
        path,
        apiVersion: stringAt(value, 'apiVersion'),
        kind: stringAt(value, 'kind'),
        name: stringAt(metadata, 'name'),
        namespace: stringAt(metadata, 'namespace'),
        value,
        linesOf(keys) {
          const node: unknown = keys.length === 0 ? document.contents : document.getIn(keys, true);
          const range = isObject(node) && Array.isArray(node['range']) ? (node['range'] as number[]) : undefined;
          if (range === undefined) return undefined;
          const [start = 0, end = start] = range;
          const last = text.slice(start, end).trimEnd().length;
          return [counter.linePos(start).line, counter.linePos(start + Math.max(0, last - 1)).line];
        },
      });
    }
  } catch (error) {
    return { outcome: 'broken', path, reason: `yaml: ${error instanceof Error ? error.message : String(error)}` };
  }
  return { outcome: 'parsed', objects };
}

/**
 * Files that a path stands for: itself, or those with one of the endings in the folder and below, as far as the bounds let. Absolute, sorted;
 * undefined when there is nothing.
 */
export async function filesUnder(
  host: SimulatedHost,
  cwd: string,
  name: string,
  wanted: RegExp,
): Promise<readonly string[] | undefined> {
  const path = posix.resolve(cwd, name);
  if ((await host.fileSize(path)) !== undefined) return [path];
  const top = await host.listFolder(path);
  if (top === undefined) return undefined;
  const files: string[] = [];
  let looked = 0;
  const walk = async (folder: string, names: readonly string[], depth: number): Promise<void> => {
    for (const one of names.toSorted()) {
      if (files.length >= MAX_FILES || ++looked > MAX_ENTRIES) return;
      const child = posix.join(folder, one);
      if (wanted.test(child) && (await host.fileSize(child)) !== undefined) files.push(child);
      else if (depth < MAX_DEPTH && one !== '.git') {
        const below = await host.listFolder(child);
        if (below !== undefined) await walk(child, below, depth + 1);
      }
    }
  };
  await walk(path, top, 0);
  return files.sort();
}

/** Manifests of a file or of a folder's YAML and JSON files. Undefined when there is no such file. */
export async function readManifests(
  host: SimulatedHost,
  cwd: string,
  name: string,
): Promise<readonly ParsedManifest[] | undefined> {
  const files = await filesUnder(host, cwd, name, /\.(ya?ml|json)$/);
  if (files === undefined) return undefined;
  const manifests: ParsedManifest[] = [];
  for (const file of files) {
    const read = await readDocument(host, cwd, file);
    manifests.push(read.outcome === 'read' ? parseManifest(read.path, read.text) : { ...read, outcome: 'broken' });
  }
  return manifests;
}

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The object in a field; an empty one where there is none. */
export const objectAt = (value: Json, key: string): Json => {
  const found = value[key];
  return isObject(found) ? found : {};
};

/** The objects in a list. */
export const listAt = (value: Json, key: string): readonly Json[] => {
  const found = value[key];
  return Array.isArray(found) ? found.filter(isObject) : [];
};

export const stringAt = (value: Json, key: string): string => {
  const found = value[key];
  return typeof found === 'string' ? found : typeof found === 'number' ? `${found}` : '';
};
