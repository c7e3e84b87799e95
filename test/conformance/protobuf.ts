import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { decodeProtobuf, encodeProtobuf } from '../../clusters/simulated/kubernetes/model/protobuf.ts';

export interface SuiteResult {
  readonly suite: string;
  readonly passed: number;
  readonly total: number;
  readonly misses: readonly { readonly name: string; readonly reason: string }[];
}

/**
 * Every object of `api-objects/` (upstream's staging/src/k8s.io/api/testdata): its protobuf decodes to its JSON, and the object encodes to
 * the same bytes again. `fixtures` is the folder that holds `api-objects`; zero files are one miss.
 */
export function protobufConformance(fixtures: string): SuiteResult {
  const folder = join(fixtures, 'api-objects');
  const names = (existsSync(folder) ? readdirSync(folder) : [])
    .filter((name) => name.endsWith('.pb'))
    .map((name) => name.slice(0, -3))
    .sort();
  const misses = names.flatMap((name) => {
    const reason = difference(
      readFileSync(join(folder, `${name}.pb`)),
      JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')),
    );
    return reason === undefined ? [] : [{ name, reason }];
  });
  if (names.length === 0) misses.push({ name: 'api-objects', reason: `no .pb files in ${folder}` });
  const total = Math.max(names.length, 1);
  return { suite: 'protobuf', passed: total - misses.length, total, misses };
}

/** The one kind whose bytes do not name it. */
const watchEvent = 'io.k8s.apimachinery.pkg.apis.meta.v1.WatchEvent';

function difference(bytes: Buffer, expected: unknown): string | undefined {
  try {
    const { object, type } = decodeProtobuf(bytes, watchEvent);
    if (!isDeepStrictEqual(object, expected))
      return `decodes to something else at ${firstDifference(object, expected, '')}`;
    return encodeProtobuf(object, type).equals(bytes) ? undefined : 'encodes to other bytes';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function firstDifference(a: unknown, b: unknown, path: string): string {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null)
    return `${path || 'the root'}: ${JSON.stringify(a)} instead of ${JSON.stringify(b)}`;
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const [left, right] = [(a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]];
    if (!isDeepStrictEqual(left, right)) return firstDifference(left, right, `${path}.${key}`);
  }
  return path;
}
