import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { encodeProtobuf } from '../../clusters/simulated/kubernetes/model/protobuf.ts';
import { protobufConformance } from './protobuf.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'conformance-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('no fixtures are a miss, not a pass', () => {
  expect(protobufConformance(folder)).toMatchObject({ passed: 0, total: 1, misses: [{ name: 'api-objects' }] });
});

test('a difference is told with its place', () => {
  const objects = join(folder, 'api-objects');
  mkdirSync(objects);
  const object = { kind: 'Namespace', apiVersion: 'v1', metadata: { name: 'a' }, spec: {}, status: {} };
  const bytes = encodeProtobuf(object, 'io.k8s.api.core.v1.Namespace');
  for (const [name, json] of [
    ['good', object],
    ['bad', { ...object, metadata: { name: 'b' } }],
  ] as const) {
    writeFileSync(join(objects, `${name}.pb`), bytes);
    writeFileSync(join(objects, `${name}.json`), JSON.stringify(json));
  }
  expect(protobufConformance(folder)).toEqual({
    suite: 'protobuf',
    passed: 1,
    total: 2,
    misses: [{ name: 'bad', reason: 'decodes to something else at .metadata.name: "a" instead of "b"' }],
  });
});
