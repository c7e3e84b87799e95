import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { realClock } from '../../clock.ts';
import { type ControlPlane, createControlPlane } from '../../kubernetes/control-plane.ts';
import { realRandomness } from '../../kubernetes/randomness.ts';
import { builtInResources } from '../../kubernetes/resources/registry.ts';

/** A cluster of a few objects, its API server down: etcd does not need it. */
export async function planeOfFew(): Promise<ControlPlane> {
  const plane = createControlPlane({
    clock: realClock,
    randomness: realRandomness,
    rows: builtInResources(),
    secure: () => Promise.resolve({ failed: 'down' }),
    log: () => undefined,
  });
  const create = (kind: string, plural: string, name: string, more: object = {}) =>
    plane.cluster.create(plane.cluster.resource(plural), {
      apiVersion: 'v1',
      kind,
      metadata: { name, ...(kind === 'Namespace' ? {} : { namespace: 'shop' }) },
      ...more,
    });
  await create('Namespace', 'namespaces', 'shop');
  await create('ConfigMap', 'configmaps', 'web', { data: { colour: 'blue' } });
  await create('Secret', 'secrets', 'db', { data: { password: Buffer.from('hunter2').toString('base64') } });
  await create('Secret', 'secrets', 'api', { data: { token: 'YQ==' } });
  return plane;
}

/** What a real etcdctl says of a database file; it rejects one that is broken. */
export async function snapshotStatus(file: string): Promise<unknown> {
  const env = { ETCDCTL_API: '3', PATH: '/usr/bin' };
  return JSON.parse((await promisify(execFile)('etcdctl', ['snapshot', 'status', file, '-w', 'json'], { env })).stdout);
}
