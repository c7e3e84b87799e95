import { expect, test } from 'vitest';
import { NODE_IMAGE } from '../images/table.ts';
import { cgroupFindings } from './cgroup-version.ts';

test.each([
  ['2', NODE_IMAGE, undefined],
  ['1', NODE_IMAGE, 'error'],
  ['1', 'mirror.local:5000/kindest/node:v1.35.8', 'error'],
  ['1', 'kindest/node:v1.34.11', undefined],
  ['1', 'my/node:latest', 'warning'],
] as const)('on cgroup v%s, %s: %s', (version, image, severity) => {
  expect(cgroupFindings(version, image)[0]?.severity).toBe(severity);
});
