import type { Seed } from '../clusters/cluster.ts';
import { ControlPlaneMachine } from '../clusters/simulated/control-plane-machine.ts';
import { realClock } from '../clusters/simulated/clock.ts';
import { CLUSTER_PLAN } from '../clusters/simulated/kubernetes/bootstrap/cluster-plan.ts';
import { createPki } from '../clusters/simulated/kubernetes/pki/pki.ts';
import { realRandomness } from '../clusters/simulated/kubernetes/randomness.ts';
import { clusterFiles } from '../clusters/simulated/lab-files.ts';
import { ClusterTemplates } from '../clusters/simulated/template.ts';
import type { ApiBenchTarget } from './api.ts';

/** A control plane as a lab has it, with its controllers and kubelets, but without hosts: for measuring it alone. */
export interface BareControlPlane extends AsyncDisposable {
  readonly machine: ControlPlaneMachine;
  readonly target: ApiBenchTarget;
}

const templates = new ClusterTemplates({
  plan: CLUSTER_PLAN,
  clock: realClock,
  randomness: realRandomness,
  log: () => undefined,
});
const seed: Seed = { hosts: [], manifests: [], files: [] };

/** Starts one on a free loopback port. The state it begins with is made once a process. */
export async function startControlPlane(log: (line: string) => void = () => undefined): Promise<BareControlPlane> {
  const pki = createPki({
    now: Date.now(),
    controlPlane: { name: 'controlplane', addresses: ['127.0.0.1'] },
    server: 'https://127.0.0.1:6443',
    serviceAddress: '10.96.0.1',
  });
  const machine = new ControlPlaneMachine({
    clock: realClock,
    randomness: realRandomness,
    log,
    pki,
    apiPort: 0,
    nodes: CLUSTER_PLAN.nodes.map(({ name }) => name),
    withHosts: false,
  });
  await machine.start(await templates.of(seed), clusterFiles(pki));
  const admin = pki.clientCertificate({ commonName: 'kubernetes-admin', organizations: ['system:masters'] });
  return {
    machine,
    target: {
      port: machine.loopbackPort,
      certificateAuthority: pki.certificateAuthority,
      certificate: admin.certificate,
      key: admin.key,
    },
    [Symbol.asyncDispose]: () => machine.stop(),
  };
}
