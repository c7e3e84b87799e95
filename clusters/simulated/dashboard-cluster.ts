import { Socket } from 'node:net';
import type { KubeAccess } from '../cluster.ts';
import { askApi } from '../api-request.ts';
import { kubeAccessOf } from './cluster-access.ts';
import type { ControlPlaneMachine } from './control-plane-machine.ts';
import { dashboard, type DashboardCluster } from './daemons/dashboard/dashboard.ts';
import { isReady } from './kubernetes/controllers/pods.ts';
import type { Pod } from './kubernetes/model/generated/objects.ts';
import type { Pki } from './kubernetes/pki/pki.ts';
import type { Cluster } from './kubernetes/store/cluster.ts';

/** Well within the hour that a token lasts. */
const TOKEN_MS = 30 * 60_000;
const IMAGE = /^(docker\.io\/)?kubernetesui\/dashboard(:|@)/;

const REPOSITORY = 'kubernetesui/dashboard';
const HTTPS_PORT = 8443;

/** From now on the Dashboard answers in every pod that runs it. */
export function playDashboard(machine: ControlPlaneMachine, pki: Pki): void {
  const { certificate, key } = pki.servingCertificate({
    commonName: 'kubernetes-dashboard',
    dnsNames: [],
    addresses: [],
  });
  const accept = dashboard({
    certificate,
    key,
    cluster: dashboardCluster(machine.plane.cluster, pki, () => `https://127.0.0.1:${machine.loopbackPort}`),
  });
  machine.network.play(REPOSITORY, (port, socket) => {
    if (port === HTTPS_PORT && socket instanceof Socket) accept(socket);
    else socket.end();
  });
}

/** The Dashboard's view of its cluster: the pod it runs in decides its arguments and whose token it uses. */
function dashboardCluster(cluster: Cluster, pki: Pki, server: () => string): DashboardCluster {
  /** The token that the kubelet would have mounted: one a pod, renewed before it ends. */
  let mounted: { readonly pod: string; readonly until: number; readonly access: Promise<KubeAccess> } | undefined;
  const ownAccess = (uid: string, account: string): Promise<KubeAccess> => {
    const now = cluster.clock.now();
    if (mounted?.pod !== uid || now >= mounted.until) {
      const access = kubeAccessOf({ serviceAccount: account }, pki, server());
      mounted = { pod: uid, until: now + TOKEN_MS, access };
      access.catch(() => {
        mounted = undefined;
      });
    }
    return mounted.access;
  };
  const pod = (): Pod | undefined =>
    (cluster.list(cluster.resource('pods')) as readonly Pod[]).find(
      (pod) => isReady(pod) && (pod.spec.containers ?? []).some(({ image = '' }) => IMAGE.test(image)),
    );
  return {
    backend() {
      const container = pod()?.spec.containers?.find(({ image = '' }) => IMAGE.test(image));
      if (container === undefined) return Promise.resolve(undefined);
      const given = [...(container.command ?? []), ...(container.args ?? [])];
      return Promise.resolve({ skipLogin: given.some((argument) => /^--enable-skip-login(=true)?$/.test(argument)) });
    },
    async get(as, path) {
      const { metadata, spec } = pod() ?? { metadata: undefined, spec: undefined };
      const account = `${metadata?.namespace ?? 'default'}/${spec?.serviceAccountName ?? 'default'}`;
      const access: KubeAccess =
        as.kind === 'own'
          ? await ownAccess(metadata?.uid ?? '', account)
          : {
              server: server(),
              certificateAuthority: pki.certificateAuthority,
              credential: { kind: 'token', token: as.token },
            };
      return askApi(access, { path });
    },
  };
}
