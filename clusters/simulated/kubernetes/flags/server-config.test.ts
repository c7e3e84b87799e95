import { describe, expect, it } from 'vitest';
import { createPki } from '../pki/pki.ts';
import type { ReadFile } from './read-file.ts';
import { loadServerConfig } from './server-config.ts';

const pki = createPki({
  now: Date.now(),
  controlPlane: { name: 'controlplane', addresses: ['10.10.0.10'] },
  server: 'https://10.10.0.10:6443',
  serviceAddress: '10.96.0.1',
});
const FILES: Readonly<Record<string, string>> = {
  '/etc/kubernetes/admission.yaml': `apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
- name: PodSecurity
  configuration:
    apiVersion: pod-security.admission.config.k8s.io/v1
    kind: PodSecurityConfiguration
    defaults: {enforce: baseline, enforce-version: v1.30}
    exemptions: {namespaces: [kube-system]}
- name: ImagePolicyWebhook
  path: image-policy.yaml
`,
  '/etc/kubernetes/image-policy.yaml':
    'imagePolicy: {kubeConfigFile: /etc/kubernetes/hook.conf, allowTTL: 50, defaultAllow: false}\n',
  '/etc/kubernetes/hook.conf': `apiVersion: v1
kind: Config
clusters: [{name: hook, cluster: {server: "https://hook:1234/policy"}}]
contexts: [{name: hook, context: {cluster: hook, user: api}}]
current-context: hook
users: [{name: api, user: {token: t}}]
`,
  '/etc/kubernetes/astray.yaml': `apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins: [{name: ImagePolicyWebhook, configuration: {imagePolicy: {kubeConfigFile: /etc/gone.conf}}}]
`,
  '/etc/bad.yaml': 'apiVersion: v1\nkind: Nothing\n',
};
const read: ReadFile = async (path) => {
  const content = FILES[path] ?? pki.file(path)?.content;
  return content === undefined ? undefined : Buffer.from(content);
};
const KUBEADM = [
  '--authorization-mode=Node,RBAC',
  '--client-ca-file=/etc/kubernetes/pki/ca.crt',
  '--enable-admission-plugins=NodeRestriction',
  '--etcd-servers=https://127.0.0.1:2379',
  '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
  '--service-account-key-file=/etc/kubernetes/pki/sa.pub',
  '--service-account-signing-key-file=/etc/kubernetes/pki/sa.key',
  '--tls-cert-file=/etc/kubernetes/pki/apiserver.crt',
  '--tls-private-key-file=/etc/kubernetes/pki/apiserver.key',
];

describe('loadServerConfig', () => {
  it('takes what kubeadm sets', async () => {
    const loaded = await loadServerConfig(KUBEADM, read);
    expect(loaded).toMatchObject({
      ok: {
        serving: { port: 6443, minVersion: 'TLSv1.2' },
        authorization: { modes: ['Node', 'RBAC'] },
        authentication: {
          anonymous: { enabled: true },
          serviceAccounts: { issuers: ['https://kubernetes.default.svc.cluster.local'] },
        },
        profiling: true,
        audit: undefined,
      },
    });
  });

  it('reads the configuration of plugins, beside their file too', async () => {
    const flags = [
      '--enable-admission-plugins=ImagePolicyWebhook',
      '--admission-control-config-file=/etc/kubernetes/admission.yaml',
    ];
    const loaded = await loadServerConfig([...KUBEADM, ...flags], read);
    expect(loaded).toMatchObject({
      ok: {
        admission: {
          podSecurity: {
            defaults: { enforce: { level: 'baseline', version: 30 } },
            exemptNamespaces: new Set(['kube-system']),
          },
          imagePolicy: {
            endpoint: { url: 'https://hook:1234/policy?timeout=30s', token: 't' },
            allowTtl: 50_000,
            defaultAllow: false,
          },
        },
      },
    });
  });

  it.each([
    [['--authorization-mode=Foo'], 'authorization-mode "Foo" is not a valid mode'],
    [['--authorization-mode=Webhook'], "authorization-mode Webhook's authorization config file not passed"],
    [
      ['--enable-admission-plugins=PodSecurityPolicy'],
      'enable-admission-plugins plugin "PodSecurityPolicy" is unknown',
    ],
    [
      ['--enable-admission-plugins=EventRateLimit'],
      `couldn't init admission plugin "EventRateLimit": limits: Invalid value: null: must not be empty`,
    ],
    [
      ['--enable-admission-plugins=ImagePolicyWebhook'],
      'couldn\'t init admission plugin "ImagePolicyWebhook": no config specified',
    ],
    [
      ['--enable-admission-plugins=ImagePolicyWebhook', '--admission-control-config-file=/etc/kubernetes/astray.yaml'],
      'couldn\'t init admission plugin "ImagePolicyWebhook": stat /etc/gone.conf: no such file or directory',
    ],
    [['--tls-cert-file=/etc/gone.crt'], 'open /etc/gone.crt: no such file or directory'],
    [['--tls-private-key-file=/etc/kubernetes/pki/sa.key'], 'tls: private key does not match public key'],
    [['--tls-private-key-file='], 'missing filename for serving cert'],
    [['--tls-curve-preferences=23,23'], 'duplicate curve preference 23'],
    [['--tls-curve-preferences=7'], 'curve preference 7 is not supported by the current Go version'],
    [['--tls-min-version=VersionTLS9'], 'unknown tls version "VersionTLS9"'],
    [['--tls-cipher-suites=TLS_FOO'], "Cipher suite TLS_FOO not supported or doesn't exist"],
    [['--client-ca-file=/etc/bad.yaml'], 'data does not contain any valid RSA or ECDSA certificates'],
    [['--token-auth-file=/etc/gone.csv'], 'open /etc/gone.csv: no such file or directory'],
    [['--audit-policy-file=/etc/gone.yaml'], 'loading audit policy file: failed to read file path "/etc/gone.yaml"'],
    [['--encryption-provider-config=/etc/bad.yaml'], 'no kind "Nothing" is registered for version "v1"'],
    [['--secure-port=0'], '--secure-port 0 must be between 1 and 65535, inclusive. It cannot be turned off with 0'],
    [
      ['--audit-log-maxage=-1', '--audit-log-path=/var/log/audit.log'],
      "--audit-log-maxage -1 can't be a negative number",
    ],
    [['--oidc-client-id=x'], 'oidc-issuer-url and oidc-client-id must be specified together'],
  ])('stays down with %j and says why', async (flags, why) => {
    const replaced = new Set(flags.map((flag) => flag.split('=')[0]));
    const kept = KUBEADM.filter((flag) => !replaced.has(flag.split('=')[0]));
    const loaded = await loadServerConfig([...kept, ...flags], read);
    expect('failed' in loaded ? JSON.parse(loaded.failed.replace('"command failed" err=', '')) : '').toContain(why);
  });

  it('warns of flags that are on their way out', async () => {
    const loaded = await loadServerConfig([...KUBEADM, '--kubelet-port=10250', '--tls-curve-preferences=29,23'], read);
    expect(loaded).toMatchObject({
      ok: {
        warnings: ['Flag --kubelet-port has been deprecated, kubelet-port is deprecated and will be removed.'],
        serving: { curves: 'X25519:P-256' },
      },
    });
  });

  it('passes on what the command line gets wrong', async () => {
    expect(await loadServerConfig(['--foo'], read)).toEqual({ failed: 'Error: unknown flag: --foo' });
  });
});
