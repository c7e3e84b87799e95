import { z } from 'zod';
import { type Host, LabError } from '../../cluster.ts';

const PKI = '/etc/kubernetes/pki/etcd';
/** The program is in etcd's own image; the node has none. */
const ETCDCTL = [
  'etcdctl',
  '--endpoints=https://127.0.0.1:2379',
  `--cacert=${PKI}/ca.crt`,
  `--cert=${PKI}/server.crt`,
  `--key=${PKI}/server.key`,
];
/** etcd keeps no value above 1.5 MiB; in base64, with room. */
const MAX_BYTES = 8 * 1024 * 1024;
const LIMIT_MS = 20_000;

/** Of `etcdctl get -w json`: keys and values in base64, so that every byte comes through. */
const Range = z.object({ kvs: z.array(z.object({ value: z.base64().optional() })).optional() });

/**
 * The value under a key as etcd has it, by etcdctl in the static pod of the control plane's node (kind's nodes have crictl, and kubeadm
 * mounts the certificates into that pod). Throws `LabError` where etcd does not run or does not answer.
 */
export async function readEtcd(controlPlane: Host, key: string): Promise<Uint8Array | undefined> {
  const signal = AbortSignal.timeout(LIMIT_MS);
  const run = async (argv: readonly string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await controlPlane.exec(argv, { maxBytes: MAX_BYTES, signal });
    if (exitCode !== 0) throw failed(stderr.toString().trim() || `${argv[0]} ended with ${exitCode}`);
    return stdout.toString();
  };
  const container = (await run(['crictl', 'ps', '--state', 'running', '--name', '^etcd$', '-q']))
    .split('\n')[0]
    ?.trim();
  if (container === undefined || container === '') throw failed('its container does not run');
  const answer = await run(['crictl', 'exec', container, ...ETCDCTL, 'get', key, '-w', 'json']);
  const { kvs } = Range.parse(JSON.parse(answer));
  return kvs?.[0] === undefined ? undefined : Buffer.from(kvs[0].value ?? '', 'base64');
}

const failed = (why: string): LabError =>
  new LabError(
    `etcd on controlplane cannot be read: ${why}`,
    'See why it does not run: crictl ps -a and crictl logs, on controlplane.',
  );
