import { createHash, X509Certificate } from 'node:crypto';
import { lastOption } from '../command-line.ts';
import { textTable } from '../text-table.ts';
import type { ClusterClient } from './cluster-client.ts';
import type { KubeadmCall } from './kubeadm-call.ts';
import { KubeadmError } from './kubeadm-error.ts';
import { shortHumanDuration } from './short-duration.ts';

const SECRETS = '/api/v1/namespaces/kube-system/secrets';
const FORM = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;
const ADMIN = '/etc/kubernetes/admin.conf';
const DAY_MS = 24 * 3600 * 1000;
const GROUP = 'system:bootstrappers:kubeadm:default-node-token';

const clusterOf = ({ cluster, options }: KubeadmCall): Promise<ClusterClient> =>
  cluster(lastOption(options, 'kubeconfig') ?? ADMIN);

function newToken({ randomness }: KubeadmCall): string {
  const digits = 'abcdefghijklmnopqrstuvwxyz0123456789';
  const some = (count: number): string =>
    Array.from({ length: count }, () => digits[randomness.int(digits.length)]).join('');
  return `${some(6)}.${some(16)}`;
}

/** `kubeadm token generate`: makes one up, and tells the cluster nothing. */
export async function generateToken(request: KubeadmCall): Promise<number> {
  await request.call.stdout(`${newToken(request)}\n`);
  return 0;
}

/** `kubeadm token create`: a Secret by which a machine may ask to join (cmd/kubeadm/app/cmd/token.go, phases/bootstraptoken/node). */
export async function createToken(request: KubeadmCall): Promise<number> {
  const { call, options, words, clock } = request;
  const token = words[0] ?? newToken(request);
  const [, id, secret] = FORM.exec(token) ?? [];
  if (id === undefined || secret === undefined)
    throw new KubeadmError(
      String.raw`the bootstrap token "${token}" was not of the form "\\A([a-z0-9]{6})\\.([a-z0-9]{16})\\z"`,
    );
  const cluster = await clusterOf(request);
  const name = `bootstrap-token-${id}`;
  if ((await cluster.get(`${SECRETS}/${name}`)) !== undefined)
    throw new KubeadmError(`a token with id "${id}" already exists`);
  const ttl = durationOf(lastOption(options, 'ttl') ?? '24h0m0s');
  const description = lastOption(options, 'description');
  const usages = (lastOption(options, 'usages') ?? 'signing,authentication').split(',');
  await cluster.change({
    method: 'POST',
    path: SECRETS,
    body: {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, namespace: 'kube-system' },
      type: 'bootstrap.kubernetes.io/token',
      stringData: {
        'token-id': id,
        'token-secret': secret,
        ...(description === undefined ? {} : { description }),
        ...(ttl === 0 ? {} : { expiration: rfc3339(clock.now() + ttl) }),
        ...Object.fromEntries(usages.map((usage) => [`usage-bootstrap-${usage}`, 'true'])),
        'auth-extra-groups': lastOption(options, 'groups') ?? GROUP,
      },
    },
  });
  await call.stdout(options.has('print-join-command') ? `${joinCommand(cluster, token)} \n` : `${token}\n`);
  return 0;
}

/** How another machine would join (cmd/kubeadm/app/cmd/util/join.go). */
function joinCommand({ server, certificateAuthority }: ClusterClient, token: string): string {
  const key = new X509Certificate(certificateAuthority).publicKey.export({ type: 'spki', format: 'der' });
  const hash = createHash('sha256').update(key).digest('hex');
  return `kubeadm join ${new URL(server).host} --token ${token} --discovery-token-ca-cert-hash sha256:${hash}`;
}

interface TokenSecret {
  readonly metadata: { readonly name: string };
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
}

/** `kubeadm token list`. */
export async function listTokens(request: KubeadmCall): Promise<number> {
  const cluster = await clusterOf(request);
  const { items = [] } = (await cluster.get<{ items?: readonly TokenSecret[] }>(SECRETS)) ?? {};
  const rows = items
    .filter(({ type }) => type === 'bootstrap.kubernetes.io/token')
    .map(({ data = {} }) => rowOf(data, request.clock.now()));
  if (rows.length === 0) return 0;
  await request.call.stdout(
    textTable([['TOKEN', 'TTL', 'EXPIRES', 'USAGES', 'DESCRIPTION', 'EXTRA GROUPS'], ...rows], 3),
  );
  return 0;
}

function rowOf(data: Readonly<Record<string, string>>, now: number): readonly string[] {
  const value = (key: string): string => Buffer.from(data[key] ?? '', 'base64').toString();
  const usages = ['authentication', 'signing'].filter((usage) => value(`usage-bootstrap-${usage}`) === 'true');
  const expires = value('expiration');
  return [
    `${value('token-id')}.${value('token-secret')}`,
    expires === '' ? '<forever>' : shortHumanDuration(Date.parse(expires) - now),
    expires === '' ? '<never>' : expires,
    usages.length === 0 ? '<none>' : usages.join(','),
    value('description') || '<none>',
    value('auth-extra-groups') || '<none>',
  ];
}

/** `kubeadm token delete`, by whole tokens or their ids. */
export async function deleteTokens(request: KubeadmCall): Promise<number> {
  const { words, call } = request;
  if (words.length === 0)
    throw new KubeadmError('missing argument; \'token delete\' is missing token of form ["^([a-z0-9]{6})$"]');
  const cluster = await clusterOf(request);
  for (const word of words) {
    const id = FORM.exec(word)?.[1] ?? word;
    if (!/^[a-z0-9]{6}$/.test(id))
      throw new KubeadmError(
        String.raw`given token didn't match pattern "\\A([a-z0-9]{6})\\z" or "\\A([a-z0-9]{6})\\.([a-z0-9]{16})\\z"`,
      );
    await cluster.change({ method: 'DELETE', path: `${SECRETS}/bootstrap-token-${id}` });
    await call.stdout(`bootstrap token "${id}" deleted\n`);
  }
  return 0;
}

const rfc3339 = (milliseconds: number): string => `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;

/** A Go duration (`24h0m0s`) in milliseconds; `0` is for ever. Throws `KubeadmError`. */
function durationOf(text: string): number {
  if (text === '0') return 0;
  const parts = [...text.matchAll(/([\d.]+)(h|m|s)/g)];
  if (parts.map(([whole]) => whole).join('') !== text)
    throw new KubeadmError(`invalid argument "${text}" for "--ttl" flag: time: invalid duration "${text}"`);
  return parts.reduce(
    (sum, [, amount, unit]) => sum + (Number(amount) * DAY_MS) / { h: 24, m: 1440, s: 86_400 }[unit as 'h' | 'm' | 's'],
    0,
  );
}
