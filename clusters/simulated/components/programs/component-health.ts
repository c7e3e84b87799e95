import type { ComponentHealth } from '../../kubernetes/apiserver/component-health.ts';
import type { ComponentContainer } from '../component.ts';

/** Where the API server asks for health (pkg/controlplane/instance.go componentStatusStorage). */
const ASKED = [
  { name: 'controller-manager', container: 'kube-controller-manager', port: 10_257 },
  { name: 'scheduler', container: 'kube-scheduler', port: 10_259 },
] as const;

/** What `componentstatuses` says of the containers that run. */
export const healthOf = (containers: readonly ComponentContainer[]): readonly ComponentHealth[] => [
  ...ASKED.map(({ name, container, port }) => {
    const isUp = containers.some((one) => one.name === container && one.state === 'Running');
    const address = `127.0.0.1:${port}`;
    const refused = `Get "https://${address}/healthz": dial tcp ${address}: connect: connection refused`;
    return { name, problem: isUp ? undefined : refused };
  }),
  { name: 'etcd-0', problem: etcdProblem(containers) },
];

/** Why the API server does not reach etcd: it does not run, or not where `--etcd-servers` looks for it. Undefined where it does. */
export function etcdProblem(containers: readonly ComponentContainer[]): string | undefined {
  const urlsOf = (name: string, flag: string, usual: string): readonly string[] => {
    const running = containers.find((one) => one.name === name && one.state === 'Running');
    const given = running?.argv.findLast((argument) => argument.startsWith(`--${flag}=`));
    return running === undefined ? [] : (given?.slice(flag.length + 3) ?? usual).split(',');
  };
  const servers = urlsOf('kube-apiserver', 'etcd-servers', 'https://127.0.0.1:2379');
  const listened = urlsOf('etcd', 'listen-client-urls', 'http://localhost:2379');
  const isReached = servers.some((server) => listened.some((url) => URL.canParse(url) && sameAddress(server, url)));
  if (isReached || servers.length === 0) return undefined;
  const [server = ''] = servers;
  const { host } = URL.canParse(server) ? new URL(server) : { host: server };
  return `Get "${server}/health": dial tcp ${host}: connect: connection refused`;
}

/** Whether what listens at one URL answers at another. */
function sameAddress(server: string, listened: string): boolean {
  if (!URL.canParse(server)) return false;
  const [asked, answers] = [new URL(server), new URL(listened)];
  const local = (name: string): string => (name === 'localhost' ? '127.0.0.1' : name);
  const isThere = ['0.0.0.0', '[::]', local(asked.hostname)].includes(local(answers.hostname));
  return isThere && asked.port === answers.port && asked.protocol === answers.protocol;
}
