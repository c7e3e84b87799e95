import type { ComponentHealth } from '../../kubernetes/apiserver/component-health.ts';
import type { ComponentContainer } from '../component.ts';
import { flagOf } from '../flags/flag-of.ts';

/** The container of that name, if it runs. */
export type RunningContainer = (name: string) => ComponentContainer | undefined;

/** What the API server hears of the control plane's other parts (pkg/controlplane/instance.go componentStatusStorage). */
export function healthOf(running: RunningContainer): ComponentHealth {
  const listening = (container: string, port: number) => (): string | undefined => {
    const argv = running(container)?.argv;
    if (argv !== undefined && isServedThere(argv, port)) return undefined;
    const address = `127.0.0.1:${port}`;
    return `Get "https://${address}/healthz": dial tcp ${address}: connect: connection refused`;
  };
  return {
    'controller-manager': listening('kube-controller-manager', 10_257),
    scheduler: listening('kube-scheduler', 10_259),
    'etcd-0': etcdProblemOf(running),
  };
}

/** Whether a program with that usual port is met there on 127.0.0.1, which is where the API server asks whatever its flags say. */
const isServedThere = (argv: readonly string[], port: number): boolean =>
  Number(flagOf(argv, 'secure-port') ?? port) === port &&
  ['127.0.0.1', '0.0.0.0', '::'].includes(flagOf(argv, 'bind-address') ?? '0.0.0.0');

/**
 * Tells why the API server does not reach etcd: it does not run, or not where `--etcd-servers` looks for it; undefined while it does.
 * Asked before every request, so it is worked out again only when one of the two has begun, ended or come with other flags.
 */
export function etcdProblemOf(running: RunningContainer): () => string | undefined {
  let [server, etcd] = [running('kube-apiserver')?.argv, running('etcd')?.argv];
  let problem = etcdProblem(server, etcd);
  return () => {
    const [serverNow, etcdNow] = [running('kube-apiserver')?.argv, running('etcd')?.argv];
    if (serverNow !== server || etcdNow !== etcd) {
      [server, etcd] = [serverNow, etcdNow];
      problem = etcdProblem(server, etcd);
    }
    return problem;
  };
}

type CommandLine = readonly string[] | undefined;

function etcdProblem(apiServer: CommandLine, etcd: CommandLine): string | undefined {
  const urlsOf = (argv: CommandLine, flag: string, usual: string): readonly string[] => {
    return argv === undefined ? [] : (flagOf(argv, flag) ?? usual).split(',');
  };
  const servers = urlsOf(apiServer, 'etcd-servers', 'https://127.0.0.1:2379');
  const listened = urlsOf(etcd, 'listen-client-urls', 'http://localhost:2379');
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
