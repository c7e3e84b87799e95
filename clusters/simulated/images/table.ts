import { alpine } from './contents/alpine.ts';
import { RELEASE } from '../kubernetes/bootstrap/release.ts';
import {
  ALPINE_CONTENTS,
  DEBIAN_CONTENTS,
  emptyContents,
  NGINX_CONTENTS,
  POSTGRES_CONTENTS,
  REDIS_CONTENTS,
} from './contents/packages-of-tags.ts';
import { HTTPD_FILES, NGINX_FILES, POSTGRES_FILES, REDIS_FILES } from './files.ts';
import type { Image } from './image.ts';
import type { Signer } from './signatures.ts';

const MB = 1_000_000;

/** The releases of Kubernetes are signed as its documentation tells (docs/tasks/administer-cluster/verify-signed-artifacts). */
const KUBERNETES_SIGNER: Signer = {
  kind: 'identity',
  subject: 'krel-trust@k8s-releng-prod.iam.gserviceaccount.com',
  issuer: 'https://accounts.google.com',
};
const KUBERNETES_TAGS = ['v1.34.0', 'v1.35.0', 'v1.36.0', RELEASE.kubernetes];
const PAUSE_TAGS = ['3.9', '3.10', '3.10.1'];
const BUSYBOX_TAGS = ['latest', '1', '1.36', '1.36.1', '1.37', '1.28', 'stable'];

const OF_BASES: Readonly<Record<string, Image['contents']>> = {
  alpine: ALPINE_CONTENTS,
  busybox: emptyContents(BUSYBOX_TAGS),
  debian: DEBIAN_CONTENTS,
};

/** Sizes are those of the linux/amd64 images on their registries, rounded to the megabyte. */
export const IMAGES: readonly Image[] = [
  {
    repository: 'nginx',
    tags: [
      'latest',
      '1.25',
      '1.26',
      '1.27',
      '1.27.0',
      '1.28',
      '1.29',
      'alpine',
      '1.27-alpine',
      '1.14.2',
      '1.16.0',
      '1.16.1',
      'stable',
    ],
    user: '',
    entrypoint: ['/docker-entrypoint.sh'],
    command: ['nginx', '-g', 'daemon off;'],
    listens: [80],
    behaviour: 'serves',
    programs: ['nginx', 'docker-entrypoint.sh'],
    files: NGINX_FILES,
    log: [
      '/docker-entrypoint.sh: /docker-entrypoint.d/ is not empty, will attempt to perform configuration',
      '/docker-entrypoint.sh: Configuration complete; ready for start up',
    ],
    bytes: 72 * MB,
    contents: NGINX_CONTENTS,
  },
  {
    repository: 'httpd',
    tags: ['latest', '2.4', '2.4-alpine', 'alpine'],
    user: '',
    entrypoint: [],
    command: ['httpd-foreground'],
    listens: [80],
    behaviour: 'serves',
    programs: ['httpd-foreground', 'httpd'],
    files: HTTPD_FILES,
    log: [],
    bytes: 58 * MB,
  },
  {
    repository: 'postgres',
    tags: ['latest', '16', '16.4', '16-alpine', '17'],
    user: '',
    entrypoint: ['docker-entrypoint.sh'],
    command: ['postgres'],
    listens: [5432],
    behaviour: 'serves',
    programs: ['postgres', 'docker-entrypoint.sh'],
    files: POSTGRES_FILES,
    log: [],
    bytes: 156 * MB,
    contents: POSTGRES_CONTENTS,
  },
  {
    repository: 'redis',
    tags: ['latest', '7', '7.4', '7.4.1-alpine', '7-alpine', 'alpine'],
    user: '',
    entrypoint: ['docker-entrypoint.sh'],
    command: ['redis-server'],
    listens: [6379],
    behaviour: 'serves',
    programs: ['redis-server', 'docker-entrypoint.sh'],
    files: REDIS_FILES,
    log: [],
    bytes: 45 * MB,
    contents: REDIS_CONTENTS,
  },
  ...['busybox', 'alpine', 'ubuntu', 'debian'].map((repository): Image => ({
    repository,
    tags:
      repository === 'busybox'
        ? BUSYBOX_TAGS
        : repository === 'alpine'
          ? Object.keys(ALPINE_CONTENTS)
          : ['latest', '22.04', '24.04', '12', 'bookworm', 'bookworm-slim', 'jammy', 'noble'],
    user: '',
    entrypoint: [],
    command: [repository === 'busybox' ? 'sh' : repository === 'alpine' ? '/bin/sh' : '/bin/bash'],
    listens: [],
    behaviour: 'exits',
    log: [],
    bytes: repository === 'busybox' ? 2 * MB : repository === 'alpine' ? 4 * MB : 30 * MB,
    contents: OF_BASES[repository] ?? {},
  })),
  {
    repository: 'kubernetesui/dashboard',
    tags: ['latest', 'v2.7.0'],
    user: '1001:2001',
    entrypoint: ['/dashboard', '--insecure-bind-address=0.0.0.0', '--bind-address=0.0.0.0'],
    command: [],
    listens: [8443, 9090],
    behaviour: 'serves',
    log: [
      'Starting overwatch',
      'Using in-cluster config to connect to apiserver',
      'Serving securely on HTTPS port: 8443',
    ],
    bytes: 76 * MB,
  },
  {
    repository: 'xmrig/xmrig',
    tags: ['latest', '6.22.2'],
    user: '',
    entrypoint: ['/xmrig/xmrig'],
    command: [],
    listens: [],
    behaviour: 'serves',
    programs: ['xmrig'],
    log: [],
    bytes: 5 * MB,
  },
  {
    repository: 'polinux/stress',
    tags: ['latest', '1.0.4'],
    user: '',
    entrypoint: [],
    command: ['stress'],
    listens: [],
    behaviour: 'exits',
    log: [],
    bytes: 4 * MB,
  },
  {
    // The shop's own, in a registry of the lab: one release as it should be, one that a thief signed, one that nobody signed.
    repository: 'registry.breachlab.internal/shop/payments',
    tags: ['1.4.0', '1.4.1', '1.5.0-rc1'],
    user: '65532:65532',
    entrypoint: ['/payments'],
    command: [],
    listens: [8080],
    behaviour: 'serves',
    log: ['payments: listening on :8080'],
    bytes: 12 * MB,
    contents: { '1.4.0': alpine('3.22.2'), '1.4.1': alpine('3.19.0'), '1.5.0-rc1': alpine('3.20.3') },
    signers: { '1.4.0': [{ kind: 'key', key: 'release' }], '1.4.1': [{ kind: 'key', key: 'stolen' }] },
  },
  {
    repository: 'registry.k8s.io/pause',
    tags: PAUSE_TAGS,
    user: '65535:65535',
    entrypoint: ['/pause'],
    command: [],
    listens: [],
    behaviour: 'serves',
    log: [],
    bytes: 320_000,
    contents: emptyContents(PAUSE_TAGS),
  },
  ...(
    [
      ['kube-apiserver', [6443], 27],
      ['kube-controller-manager', [10257], 23],
      ['kube-scheduler', [10259], 17],
      ['kube-proxy', [10249], 26],
      ['etcd', [2379, 2380, 2381], 22],
      ['coredns/coredns', [53, 8080, 8181, 9153], 22],
    ] as const
  ).map(([name, listens, megabytes]): Image => ({
    repository: `registry.k8s.io/${name}`,
    tags: [...KUBERNETES_TAGS, RELEASE.etcd, RELEASE.coredns],
    ...(name.startsWith('kube-')
      ? { signers: Object.fromEntries(KUBERNETES_TAGS.map((tag) => [tag, [KUBERNETES_SIGNER]])) }
      : {}),
    user: name === 'coredns/coredns' ? '65532:65532' : '',
    entrypoint: name === 'coredns/coredns' ? ['/coredns'] : [],
    command: [],
    listens,
    behaviour: 'serves',
    log: [],
    bytes: megabytes * MB,
  })),
];
