import { expect, test } from 'vitest';
import { createPki } from '../pki/pki.ts';
import { ApiClient } from './api-client.ts';
import { loadClientConfig } from './client-config.ts';
import { noNetworkYet } from '../callout/https-call.ts';

const PATH = '/etc/kubernetes/scheduler.conf';
const pki = createPki({
  now: Date.now(),
  controlPlane: { name: 'controlplane', addresses: ['10.10.0.10'] },
  server: 'https://10.10.0.10:6443',
  serviceAddress: '10.96.0.1',
});
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const [one, other] = ['one', 'other'].map((commonName) => pki.clientCertificate({ commonName, organizations: [] }));
const garbage = '-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n';

/** What becomes of a client by a kubeconfig with that text, all the way to its server's URL. */
async function client(
  text: string | Buffer | undefined,
  files: Readonly<Record<string, string>> = {},
): Promise<string> {
  const read = (path: string): Promise<Buffer | undefined> => {
    const content = path === PATH ? text : files[path];
    return Promise.resolve(content === undefined ? undefined : Buffer.from(content));
  };
  try {
    return new ApiClient(await loadClientConfig(PATH, read), { dial: noNetworkYet, userAgent: '' }).server;
  } catch (error) {
    return (error as Error).message;
  }
}

/** A kubeconfig with one context, in which these stand for its cluster and its user. */
const of = (cluster: object, user: object = {}): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'k', user: 'u' } }],
    clusters: [{ name: 'k', cluster }],
    users: [{ name: 'u', user }],
  });
const server = 'https://10.10.0.10:6443';
const pair = (certificate = '', key = ''): object => ({
  'client-certificate-data': base64(certificate),
  'client-key-data': base64(key),
});

const NONE =
  'invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment variable';
const LOADING = `error loading config file "${PATH}": `;
const NO_KIND = String.raw`into Go value of type struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }`;

// The texts are those of kubectl 1.35 with the same files.
test.each([
  ['nothing at that path', undefined, `stat ${PATH}: no such file or directory`],
  ['an empty file', '', NONE],
  ['a comment', '# hi\n', NONE],
  [
    'a word',
    'garbage',
    `${LOADING}couldn't get version/kind; json parse error: json: cannot unmarshal string ${NO_KIND}`,
  ],
  ['a list', '[1]', `${LOADING}couldn't get version/kind; json parse error: json: cannot unmarshal array ${NO_KIND}`],
  ['binary', Buffer.from([0, 255, 254, 128]), `${LOADING}yaml: control characters are not allowed`],
  [
    'another kind',
    'apiVersion: v1\nkind: Pod\n',
    `${LOADING}no kind "Pod" is registered for version "v1" in scheme "k8s.io/client-go/tools/clientcmd/api/latest/latest.go:50"`,
  ],
  [
    'clusters that are no list',
    'clusters: nope',
    `${LOADING}json: cannot unmarshal string into Go struct field Config.clusters of type []v1.NamedCluster`,
  ],
  [
    'a server that is no text',
    'clusters: [{name: k, cluster: {server: 5}}]',
    `${LOADING}json: cannot unmarshal number into Go struct field Cluster.clusters.cluster.server of type string`,
  ],
  [
    'data that is no base64',
    'clusters: [{name: k, cluster: {certificate-authority-data: QUJDR}}]',
    `${LOADING}illegal base64 data at input byte 4`,
  ],
  [
    'a context that is not there',
    'current-context: nope',
    'invalid configuration: [context was not found for specified context: nope, cluster has no server defined]',
  ],
  [
    'a cluster without a server',
    of({ 'tls-server-name': 'x' }),
    'invalid configuration: no server found for cluster "k"',
  ],
  [
    'a certificate without its key',
    of({ server }, { 'client-certificate-data': base64('x') }),
    'invalid configuration: client-key-data or client-key must be specified for u to use the clientCert authentication method.',
  ],
  [
    'files that are not there',
    of({ server, 'certificate-authority': '/ca' }, { 'client-certificate': '/crt', 'client-key': 'key' }),
    'invalid configuration: [unable to read client-cert /crt for u due to open /crt: no such file or directory, unable to read client-key /etc/kubernetes/key for u due to open /etc/kubernetes/key: no such file or directory, unable to read certificate-authority /ca for k due to open /ca: no such file or directory]',
  ],
  [
    'two ways to be somebody',
    of({ server }, { token: 'a', username: 'b', password: 'c' }),
    'invalid configuration: more than one authentication method found for u; found [token basicAuth], only one is allowed',
  ],
  ['a token’s file that is not there', of({ server }, { tokenFile: '/t' }), 'open /t: no such file or directory'],
  ['a plugin', of({ server }, { exec: { command: 'x' } }), 'not simulated: exec of a kubeconfig'],
  [
    'an authority that is no PEM',
    of({ server, 'certificate-authority-data': base64('ABC') }),
    'unable to load root certificates: unable to parse bytes as PEM block',
  ],
  [
    'an authority that is no certificate',
    of({ server, 'certificate-authority-data': base64(garbage) }),
    'unable to load root certificates: failed to parse certificate: x509: malformed certificate',
  ],
  [
    'an authority that nobody asks',
    of({ server, 'insecure-skip-tls-verify': true, 'certificate-authority-data': base64(pki.certificateAuthority) }),
    'specifying a root certificates file with the insecure flag is not allowed',
  ],
  [
    'a certificate that is no PEM',
    of({ server }, pair('ABC', 'ABC')),
    'tls: failed to find any PEM data in certificate input',
  ],
  [
    'a key that is no PEM',
    of({ server }, pair(one?.certificate, 'ABC')),
    'tls: failed to find any PEM data in key input',
  ],
  [
    'a certificate for a key',
    of({ server }, pair(one?.certificate, one?.certificate)),
    'tls: found a certificate rather than a key in the PEM for the private key',
  ],
  [
    'a key for a certificate',
    of({ server }, pair(one?.key, one?.key)),
    'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched',
  ],
  ['a certificate that is none', of({ server }, pair(garbage, one?.key)), 'x509: malformed certificate'],
  ['another’s key', of({ server }, pair(one?.certificate, other?.key)), 'tls: private key does not match public key'],
  [
    'a server that is no address',
    of({ server: 'not a url' }),
    'parse "http://not a url": invalid character " " in host name',
  ],
  ['a server with a path alone', of({ server: 'host/path' }), 'host must be a URL or a host:port pair: "host/path"'],
  [
    'a port that is no number',
    of({ server: 'https://10.10.0.10:x' }),
    'host must be a URL or a host:port pair: "https://10.10.0.10:x"',
  ],
  ['a server without a scheme', of({ server: '10.10.0.10:6443' }), 'http://10.10.0.10:6443'],
  ['kubeadm’s own', pki.file(PATH)?.content, server],
])('of %s a client is made as client-go does it', async (_, text, wanted) => {
  expect(await client(text)).toBe(wanted);
});

test('files beside it are read from its own folder on', async () => {
  const text = of({ server }, { 'client-certificate': 'one.crt', 'client-key': '../one.key' });
  const files = { '/etc/kubernetes/one.crt': one?.certificate ?? '', '/etc/one.key': one?.key ?? '' };
  expect(await client(text, files)).toBe(server);
});
