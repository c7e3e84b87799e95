import { RELEASE } from '../bootstrap/release.ts';
import { createHash } from 'node:crypto';
import { listKindOf, type Resource } from '../resources/resource.ts';
import { forgetDescriptions } from './descriptions.ts';
import { customDefinitions, customName } from './openapi/custom.ts';
import { definitionsOf } from './openapi/definitions.ts';
import { encodeGnostic } from './openapi/gnostic.ts';
import type { Dialect, Node } from './openapi/node.ts';
import { type Named, pathsOf } from './openapi/paths.ts';
import { patchName } from './openapi/scalars.ts';
import { hasSchema } from './schema.ts';
import { typeOfKind } from './kinds.ts';

export interface OpenApiDocument {
  readonly body: Buffer;
  readonly etag: string;
}

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const info = { title: 'Kubernetes', version: RELEASE.kubernetes };
const securitySchemes = {
  BearerToken: { description: 'Bearer Token authentication', type: 'apiKey', name: 'authorization', in: 'header' },
};

/** What `/openapi/v3` answers: every group version with the URL, and its hash, of its document. */
export function openApiV3Index(rows: readonly Resource[]): OpenApiDocument {
  return cached(rows, 'index', () => {
    const paths = [...groupVersions(rows)].map(([path, own]) => {
      return [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${fingerprint(own, path)}` }];
    });
    return Buffer.from(JSON.stringify({ paths: Object.fromEntries(paths) as Node }));
  });
}

/** What `/openapi/v3/<path>` answers (`api/v1`, `apis/apps/v1`), or undefined when no row has that group version. */
export function openApiV3(rows: readonly Resource[], path: string): OpenApiDocument | undefined {
  const own = groupVersions(rows).get(path);
  return own === undefined ? undefined : document(own, path);
}

/** What `/openapi/v2` answers, as JSON or as gnostic protobuf (`application/com.github.proto-openapi.spec.v2@v1.0+protobuf`). */
export function openApiV2(rows: readonly Resource[], encoding: 'json' | 'protobuf'): OpenApiDocument {
  return cached(rows, `v2 ${encoding}`, () => {
    const { paths, definitions } = parts(rows, 'v2');
    const swagger = {
      swagger: '2.0',
      info,
      paths,
      definitions,
      securityDefinitions: securitySchemes,
      security: [{ BearerToken: [] }],
    };
    return encoding === 'json' ? Buffer.from(JSON.stringify(swagger)) : encodeGnostic(swagger);
  });
}

const document = (own: readonly Resource[], path: string): OpenApiDocument =>
  cached(own, path, () => {
    const { paths, definitions } = parts(own, 'v3');
    return Buffer.from(
      JSON.stringify({ openapi: '3.0.0', info, paths, components: { schemas: definitions, securitySchemes } }),
    );
  });

/** Rows by the path of their document, in the order of the rows. */
function groupVersions(rows: readonly Resource[]): Map<string, Resource[]> {
  const found = new Map<string, Resource[]>();
  for (const row of rows) {
    const path = row.group === '' ? `api/${row.version}` : `apis/${row.group}/${row.version}`;
    const own = found.get(path);
    if (own === undefined) found.set(path, [row]);
    else own.push(row);
  }
  return found;
}

function parts(rows: readonly Resource[], dialect: Dialect): { paths: Node; definitions: Node } {
  const named = rows.map((row): Named => {
    if (row.type === '') return { row, type: customName(row, row.kind), list: customName(row, listKindOf(row)) };
    return { row, type: row.type, list: `${row.type}List` };
  });
  const kinds = new Map<string, Node[]>();
  const types = new Set([`${meta}.Status`, `${meta}.DeleteOptions`, `${meta}.WatchEvent`, patchName]);
  const served = new Set(rows.map((row) => JSON.stringify([row.group, row.version])));
  for (const name of ['DeleteOptions', 'WatchEvent'])
    kinds.set(
      `${meta}.${name}`,
      [...served].map((pair) => kindNode(...(JSON.parse(pair) as [string, string]), name)),
    );
  kinds.set(`${meta}.Status`, [kindNode('', 'v1', 'Status')]);
  const custom: [string, Node][] = [];
  for (const { row, type, list } of named) {
    if (row.type === '') {
      custom.push(...customDefinitions(row, dialect));
      types.add(`${meta}.ObjectMeta`).add(`${meta}.ListMeta`);
      continue;
    }
    types.add(type);
    kinds.set(type, [kindNode(row.group, row.version, row.kind)]);
    if (hasSchema(list)) {
      types.add(list);
      kinds.set(list, [kindNode(row.group, row.version, `${row.kind}List`)]);
    }
    for (const { kind, group = row.group, version = row.version } of row.subresources) {
      const body = typeOfKind(group === '' ? version : `${group}/${version}`, kind);
      if (body === undefined) continue;
      types.add(body);
      if (!kinds.has(body)) kinds.set(body, [kindNode(group, version, kind)]);
    }
  }
  const definitions = new Map([...definitionsOf(types, dialect, kinds), ...custom]);
  const known = named.map((one) => (definitions.has(one.list) ? one : { ...one, list: one.type }));
  const result = {
    paths: Object.fromEntries(known.flatMap((one) => pathsOf(one, dialect)).sort(([a], [b]) => (a < b ? -1 : 1))),
    definitions: Object.fromEntries([...definitions].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
  forgetDescriptions();
  return result;
}

const kindNode = (group: string, version: string, kind: string): Node => ({ group, kind, version });

/**
 * Documents are kept with the first of their rows, which are shared by all clusters of the process when they are built in and die with
 * their definition when they are custom. Other rows under the same name replace what was kept.
 */
const kept = new WeakMap<Resource, Map<string, Kept>>();

interface Kept {
  readonly rows: readonly Resource[];
  readonly document: OpenApiDocument;
}

function cached(rows: readonly Resource[], name: string, build: () => Buffer): OpenApiDocument {
  // Custom rows come last: a document of built-in and custom rows is kept with the newest of its rows.
  const owner = rows.at(-1);
  const documents = owner === undefined ? undefined : (kept.get(owner) ?? new Map<string, Kept>());
  const found = documents?.get(name);
  if (found !== undefined && found.rows.length === rows.length && found.rows.every((row, i) => row === rows[i]))
    return found.document;
  const document = { body: build(), etag: `"${fingerprint(rows, name)}"` };
  documents?.set(name, { rows: [...rows], document });
  if (owner !== undefined && documents !== undefined) kept.set(owner, documents);
  return document;
}

/** A hash of what a document is made from, so that the index need not build every document. */
function fingerprint(rows: readonly Resource[], name: string): string {
  const made = rows.map(({ group, version, kind, plural, namespaced, verbs, subresources, schema }) => [
    [group, version, kind, plural, namespaced, verbs],
    subresources.map((sub) => [sub.name, sub.kind, sub.verbs]),
    schema,
  ]);
  return createHash('sha512')
    .update(JSON.stringify([info, name, made]))
    .digest('hex')
    .toUpperCase();
}
