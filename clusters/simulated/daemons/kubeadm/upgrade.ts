import { RELEASE } from '../../kubernetes/bootstrap/release.ts';
import { readHostText } from '../host-text.ts';
import { textTable } from '../text-table.ts';
import type { ClusterClient } from './cluster-client.ts';
import { type KubeadmCall, readingConfiguration } from './kubeadm-call.ts';
import { KubeadmError } from './kubeadm-error.ts';
import { compareReleases, type ReleaseNumber, releaseNumber } from './release-number.ts';
import { policyErrors, textOf } from './upgrade-policy.ts';

const ADMIN = '/etc/kubernetes/admin.conf';
const KUBELET = '/etc/kubernetes/kubelet.conf';
const API_SERVER = '/etc/kubernetes/manifests/kube-apiserver.yaml';
const CONFIG = '/var/lib/kubelet/config.yaml';

interface ConfigMap {
  readonly data?: Readonly<Record<string, string>>;
}

async function configMap(cluster: ClusterClient, name: string): Promise<ConfigMap> {
  try {
    const found = await cluster.get<ConfigMap>(`/api/v1/namespaces/kube-system/configmaps/${name}`);
    if (found !== undefined) return found;
    throw new KubeadmError(`configmaps "${name}" not found`);
  } catch (error) {
    if (!(error instanceof KubeadmError)) throw error;
    throw new KubeadmError(`unable to fetch the ${name} ConfigMap: failed to get config map: ${error.message}`);
  }
}

const openCluster = async ({ cluster }: KubeadmCall, kubeconfig: string): Promise<ClusterClient> => {
  try {
    return await cluster(kubeconfig);
  } catch (error) {
    if (!(error instanceof KubeadmError)) throw error;
    throw new KubeadmError(`couldn't create a Kubernetes client from file "${kubeconfig}": ${error.message}`);
  }
};

/**
 * `kubeadm upgrade node` (cmd/kubeadm/app/cmd/phases/upgrade/node): takes the kubelet's configuration anew from the cluster, so that what
 * was changed on this node alone is lost, but for a copy. The kubelet learns of it when it is restarted.
 */
export async function upgradeNode(request: KubeadmCall): Promise<number> {
  const { host, call, clock, options } = request;
  const isControlPlane = (await readHostText(host, API_SERVER).catch(() => undefined)) !== undefined;
  const cluster = await openCluster(request, isControlPlane ? ADMIN : KUBELET);
  await call.stdout(readingConfiguration('upgrade'));
  await configMap(cluster, 'kubeadm-config');
  await call.stdout('[upgrade/preflight] Running pre-flight checks\n');
  if (isControlPlane)
    throw new KubeadmError(
      'not simulated: kubeadm upgrade node on a control plane node; its components stay as they are',
    );
  await call.stdout(
    '[upgrade/preflight] Skipping prepull. Not a control plane node.\n' +
      '[upgrade/control-plane] Skipping phase. Not a control plane node.\n' +
      '[upgrade/kubeconfig] Skipping phase. Not a control plane node.\n',
  );
  const { data = {} } = await configMap(cluster, 'kubelet-config');
  const stamp = new Date(clock.now()).toISOString().slice(0, 19).replaceAll(/[T:]/g, '-');
  const backup = `/etc/kubernetes/tmp/kubeadm-kubelet-config-${stamp}/config.yaml`;
  const before = await readHostText(host, CONFIG).catch(() => undefined);
  const isTrial = options.has('dry-run');
  if (before !== undefined) {
    await call.stdout(`[upgrade] Backing up kubelet config file to ${backup}\n`);
    if (!isTrial) await host.writeFile(backup, Buffer.from(before), { mode: 0o600 });
  }
  await call.stdout(`[kubelet-start] Writing kubelet configuration to file "${CONFIG}"\n`);
  if (!isTrial) await host.writeFile(CONFIG, Buffer.from(data['kubelet'] ?? ''), { mode: 0o644 });
  await call.stdout(
    '[upgrade/kubelet-config] The kubelet configuration for this node was successfully upgraded!\n' +
      '[upgrade/addon] Skipping the addon/coredns phase. Not a control plane node.\n' +
      '[upgrade/addon] Skipping the addon/kube-proxy phase. Not a control plane node.\n',
  );
  return 0;
}

interface NodeList {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly status: { readonly nodeInfo: { readonly kubeletVersion: string } };
  }[];
}

async function nodesOf(cluster: ClusterClient): Promise<readonly (readonly [name: string, release: ReleaseNumber])[]> {
  const { items = [] } = (await cluster.get<NodeList>('/api/v1/nodes')) ?? {};
  return items.flatMap(({ metadata, status }) => {
    const release = releaseNumber(status.nodeInfo.kubeletVersion);
    return release === undefined ? [] : [[metadata.name, release] as const];
  });
}

const known = (text: string): ReleaseNumber => releaseNumber(text) ?? { major: 0, minor: 0, patch: 0 };

async function begin(request: KubeadmCall): Promise<ClusterClient> {
  const cluster = await openCluster(request, ADMIN);
  await request.call.stdout('[preflight] Running pre-flight checks.\n');
  await request.call.stdout(readingConfiguration('upgrade/config'));
  await configMap(cluster, 'kubeadm-config');
  await request.call.stdout('[upgrade] Running cluster health checks\n');
  return cluster;
}

/** `kubeadm upgrade plan`. The lab's newest release is that of its control plane, so that kubelets alone can be behind. */
export async function upgradePlan(request: KubeadmCall): Promise<number> {
  const { call, release } = request;
  const cluster = await begin(request);
  await call.stdout(
    `[upgrade] Fetching available versions to upgrade to\n[upgrade/versions] Cluster version: ${RELEASE.kubernetes.slice(1)}\n` +
      `[upgrade/versions] kubeadm version: ${release}\n[upgrade/versions] Target version: ${RELEASE.kubernetes}\n` +
      `[upgrade/versions] Latest version in the ${RELEASE.kubernetes.replace(/\.\d+$/, '')} series: ${RELEASE.kubernetes}\n\n`,
  );
  const newest = known(RELEASE.kubernetes);
  const behind = (await nodesOf(cluster)).filter(([, one]) => compareReleases(one, newest) < 0);
  if (behind.length > 0) {
    const rows = behind.map(([name, one]) => ['kubelet', name, textOf(one), RELEASE.kubernetes]);
    await call.stdout(
      `Components that must be upgraded manually after you have upgraded the control plane with 'kubeadm upgrade apply':\n` +
        `${textTable([['COMPONENT', 'NODE', 'CURRENT', 'TARGET'], ...rows], 3)}\n`,
    );
  } else await call.stdout("Awesome, you're up-to-date! Enjoy!\n");
  return 0;
}

/** `kubeadm upgrade apply VERSION`: refused by kubeadm's own policy, or by the lab, whose control plane has one release. */
export async function upgradeApply(request: KubeadmCall): Promise<number> {
  const { call, release, words, options } = request;
  const [version = ''] = words;
  const wanted = releaseNumber(version);
  if (version === '') throw new KubeadmError('missing one or more required arguments. Required arguments: [version]');
  if (wanted === undefined)
    throw new KubeadmError(`couldn't parse Kubernetes version "${version}": could not parse "${version}" as version`);
  const cluster = await begin(request);
  await call.stdout(
    `[upgrade/version] You have chosen to upgrade the cluster version to "${textOf(wanted)}"\n` +
      `[upgrade/versions] Cluster version: ${RELEASE.kubernetes}\n[upgrade/versions] kubeadm version: ${release}\n`,
  );
  const kubelets = (await nodesOf(cluster)).map(([, one]) => one);
  const errors = policyErrors({ wanted, cluster: known(RELEASE.kubernetes), kubeadm: known(release), kubelets });
  const list = (title: string, texts: readonly string[]): string =>
    texts.length === 0 ? '' : `${title}${texts.map((text) => `\t- ${text}\n`).join('')}`;
  const skippable = options.has('force') ? [] : errors.skippable;
  const fatal =
    list('the version argument is invalid due to these fatal errors:\n\n', errors.mandatory) +
    list('the version argument is invalid due to these errors:\n\n', skippable);
  if (fatal !== '') {
    const way =
      skippable.length > 0
        ? '\nCan be bypassed if you pass the --force flag\n'
        : '\nPlease fix the misalignments highlighted above and try upgrading again\n';
    throw new KubeadmError(`[upgrade/version] FATAL: ${fatal}${way}`.trimEnd());
  }
  throw new KubeadmError(
    `not simulated: kubeadm upgrade apply ${version}; the lab's control plane is ${RELEASE.kubernetes} and stays so`,
  );
}
