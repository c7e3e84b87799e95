import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import type { DialResult } from '../../cluster.ts';
import { nodePortsOf, untilPortsOpen } from './wait-until-open.ts';

test('of a seed’s Services, those count that open TCP ports on nodes', () => {
  const service = (type: string, ...ports: readonly object[]) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'shop' },
    spec: { type, ports },
  });
  expect(
    nodePortsOf([
      service('NodePort', { port: 80, nodePort: 30080 }, { port: 443 }),
      service('NodePort', { port: 53, nodePort: 30053, protocol: 'UDP' }),
      service('ClusterIP', { port: 80 }),
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'shop' } },
    ]),
  ).toEqual([30080]);
});

/** A host from which connections end as the list says, the last way for ever; and what was dialled. */
function hostThatFinds(...outcomes: readonly DialResult['outcome'][]) {
  const dialled: string[] = [];
  return {
    dialled,
    from: {
      dial: (to: string, port: number): Promise<DialResult> => {
        const outcome = outcomes[Math.min(dialled.push(`${to}:${port}`), outcomes.length) - 1] ?? 'refused';
        return Promise.resolve(
          outcome === 'open' ? { outcome, socket: new PassThrough() } : { outcome, detail: outcome },
        );
      },
    },
  };
}

const how = { addresses: ['10.0.0.2', '10.0.0.3'], ports: [30080], limit: 20_000, pause: 1 };
const signal = () => AbortSignal.timeout(10_000);

test('it is waited for until a port is open on one of the nodes', async () => {
  const { from, dialled } = hostThatFinds('refused', 'timeout', 'refused', 'open');
  await untilPortsOpen({ ...how, from, signal: signal() });
  expect(dialled).toEqual(['10.0.0.2:30080', '10.0.0.3:30080', '10.0.0.2:30080', '10.0.0.3:30080']);
});

test('what stays shut is left so when the time is over', async () => {
  const { from, dialled } = hostThatFinds('refused');
  await untilPortsOpen({ ...how, from, limit: 30, signal: signal() });
  expect(dialled.length).toBeGreaterThan(1);
});

test('giving up ends the wait', async () => {
  const { from } = hostThatFinds('refused');
  const giveUp = new AbortController();
  const waiting = untilPortsOpen({ ...how, from, signal: giveUp.signal });
  giveUp.abort(new Error('changed my mind'));
  await expect(waiting).rejects.toThrow('changed my mind');
});
