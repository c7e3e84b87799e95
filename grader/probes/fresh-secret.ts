import { z } from 'zod';
import type { Lab } from '../../clusters/cluster.ts';
import type { Probe } from '../../protocol/scenario.ts';
import { kubeRequest, statusMessage } from '../kube/request.ts';
import { resourcePath } from '../kube/resource-path.ts';
import { rawFact } from './etcd.ts';
import { type Observation, observed, printable, unobservable } from './observation.ts';

const Created = z.looseObject({ metadata: z.looseObject({ name: z.string() }) });

/**
 * Makes a Secret as the administrator, reads it from etcd as it lies on disk, and deletes it: how Secrets are stored *now*, whatever a
 * configuration file says. Fact: see `rawFact`.
 */
export async function observeFreshSecret(
  probe: Extract<Probe, { kind: 'fresh-secret' }>,
  lab: Lab,
  signal: AbortSignal,
): Promise<Observation> {
  const access = await lab.kubeAccess('admin');
  const where = { apiVersion: 'v1', resource: 'secrets', namespace: probe.namespace };
  const answer = await kubeRequest(access, {
    method: 'POST',
    path: resourcePath(where),
    body: {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { generateName: 'breachlab-check-', labels: { 'app.kubernetes.io/managed-by': 'breachlab-grader' } },
      stringData: { note: 'written by a check and deleted again' },
    },
    signal,
  });
  const created = Created.safeParse(answer.json);
  if (answer.status !== 201 || !created.success) {
    return unobservable(`a Secret could not be made in ${probe.namespace}: ${answer.status} ${statusMessage(answer)}`);
  }
  const { name } = created.data.metadata;
  try {
    const fact = rawFact(await lab.readEtcd(`/registry/secrets/${probe.namespace}/${name}`));
    return observed(fact, `a new Secret in etcd: ${fact.present ? printable(fact.text, 120) : 'absent'}`);
  } finally {
    // A check must leave nothing behind; its own signal may be over by now.
    const cleanUp = AbortSignal.timeout(5000);
    await kubeRequest(access, { method: 'DELETE', path: resourcePath({ ...where, name }), signal: cleanUp }).catch(
      () => {},
    );
  }
}
