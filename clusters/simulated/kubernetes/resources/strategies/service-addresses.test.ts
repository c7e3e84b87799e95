import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestPlane, type TestPlane } from '../../admission/test-plane.ts';
import type { Service } from '../../model/generated/objects.ts';

let plane: TestPlane;
beforeEach(async () => {
  plane = await startTestPlane();
});
afterEach(() => plane[Symbol.dispose]());

const service = async (name: string, clusterIP?: string): Promise<string | undefined> => {
  const spec = { ports: [{ port: 80 }], ...(clusterIP === undefined ? {} : { clusterIP }) };
  const made = await plane.create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec,
  });
  return (made as Service).spec.clusterIP;
};
const range = (name: string, ...cidrs: string[]): Promise<unknown> =>
  plane.create({ apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', metadata: { name }, spec: { cidrs } });

test('an address outside of every range, or of another Service, is refused', async () => {
  await expect(service('a', '10.0.0.10')).rejects.toThrow(
    'spec.clusterIPs: Invalid value: ["10.0.0.10"]: failed to allocate IP 10.0.0.10: the provided network does not match the current range',
  );
  await expect(service('a', '10.96.0.1')).rejects.toThrow(
    'spec.clusterIPs: Invalid value: ["10.96.0.1"]: failed to allocate IP 10.96.0.1: provided IP is already allocated',
  );
});

test('a second ServiceCIDR adds its range', async () => {
  await range('more', '10.0.0.0/24');
  expect(await service('a', '10.0.0.10')).toBe('10.0.0.10');
  expect(await service('b')).toMatch(/^10\.(9[6-9]|1[01]\d)\./);
});

test('when the high part of a range is taken its low part is given, then that of the next range', async () => {
  await range('a-tiny', '10.1.0.0/27');
  await range('b-next', '10.2.0.0/30');
  await plane.cluster.delete(plane.cluster.resource('servicecidrs', 'networking.k8s.io'), '', 'kubernetes');
  const given: (string | undefined)[] = [];
  for (let i = 0; i < 32; i++) given.push(await service(`s${i}`));
  const last = (address: string | undefined): number => Number(address?.split('.')[3]);
  expect(new Set(given).size).toBe(32);
  expect(Math.min(...given.slice(0, 14).map(last))).toBe(17);
  expect(given.slice(0, 30).every((address) => address?.startsWith('10.1.0.'))).toBe(true);
  expect(new Set(given.slice(30))).toEqual(new Set(['10.2.0.1', '10.2.0.2']));
  await expect(service('one-more')).rejects.toThrow('range is full');
});
